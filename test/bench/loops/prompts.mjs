import { promptOf } from "../harness.mjs";

const [url, rows, slots] = process.argv.slice(2);
export const URL_GIVEN = url;
export const SLOTS = Number(slots);
const ROWS = Number(rows);

export { promptOf };
export const messagesOf = (row) => [{ role: "user", content: promptOf(row) }];

/** The plainest loop there is: as many workers as slots, each takes the next row. */
export async function loop(call) {
  let next = 0;
  const worker = async () => {
    while (next < ROWS) await call(++next);
  };
  await Promise.all(Array.from({ length: SLOTS }, worker));
}

export const ROW_NUMBERS = Array.from({ length: ROWS }, (_, at) => at + 1);
