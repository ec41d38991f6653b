import { describe, expect, test } from "vitest";
import { JOB_STATES } from "../../../../src/domain/job.ts";
import { jsonLine } from "../../../../src/output/formats/jsonl.ts";
import { toTableRow } from "../../../../src/output/formats/table-row.ts";
import type { StretchQuery } from "../../../../src/ports/result-texts.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import type { Store } from "../../../../src/ports/store.ts";
import { answerOf } from "../../../helpers/answer.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { allRows, endingOf, importRow, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const NASTY = "a\u0000\u0001\b\t\n\f\r\u001f\"\\/'\u007f\u0085\u2028\u2029é😀%s%d\ufeff";
const ROWS = [
  '{"prompt":"1"}',
  `{"n":12345678901234567890,"e":1.50e3,"o":{ "b": [1.0] },"prompt":${JSON.stringify(NASTY)}}`,
  '{"prompt":"3","prompt":"twice"}',
  '["a","ragged","record"]',
  '"no object at all"',
  '{"prompt":"6"}',
  '{"prompt":"7"}',
];

const ALL: StretchQuery = { after: 0, limit: 100, maxBytes: 1e9, states: JOB_STATES };

/** A run with a row in every state, and texts that are hard to quote. */
async function storeNasty(store: Store): Promise<string> {
  const rows = ROWS.map((row, at) => importRow(at + 1, { row, key: at % 2 === 0 ? null : `${at}${NASTY}` }));
  rows[4]!.error = { code: "NOT_AN_OBJECT", message: NASTY };
  const { id } = await storeRun(store, rows);
  const [one, two, three, four, six] = await store.claim(id, queueOf(), 5);
  const answers = [
    {
      answer: answerOf({ output: JSON.stringify(NASTY), model: NASTY, finishReason: NASTY }),
      costNanoUsd: 100,
    },
    { answer: answerOf({ output: '{ "a": 1.0 }' }), costNanoUsd: 300_000_001 },
    { answer: answerOf({ output: "[0.50]" }), costNanoUsd: 3_000_000_000 },
  ];
  for (const [at, job] of [one!, two!, three!].entries())
    await store.record(endingOf(job, "succeeded", { outcome: answers[at]! }));
  await store.record(
    endingOf(four!, "rejected", { outcome: { code: "http_400", message: NASTY, httpStatus: 400 } }),
  );
  await store.record(endingOf(six!, "transient", { outcome: { code: "http_503", message: "later" } }));
  return id;
}

const linesOf = (rows: readonly ResultRow[]): string =>
  rows.map((row) => `${jsonLine(row, { withSample: false, includeRaw: false })}\n`).join("");

describe("results as texts that SQLite puts together", () => {
  test("are byte for byte the lines made row by row", async () => {
    const store = await new SqliteRig().open();
    const id = await storeNasty(store);
    const rows = await allRows(store, id);
    const page = (await store.texts!.lines(id, ALL))!;
    expect(page.text).toBe(linesOf(rows));
    expect(page.byState).toEqual({ pending: 2, running: 0, succeeded: 3, failed: 2, cancelled: 0 });
  });

  test("are the table rows made row by row, with the rows' texts where they are asked for", async () => {
    const store = await new SqliteRig().open();
    const id = await storeNasty(store);
    const rows = (await allRows(store, id)).map(toTableRow);
    expect((await store.texts!.table(id, ALL, true))!.rows).toEqual(rows);
    const bare = (await store.texts!.table(id, ALL, false))!.rows;
    expect(bare).toEqual(rows.map((row) => ({ ...row, rowText: null })));
  });

  test("follow each other in input order, hold the wanted states and stay within the run", async () => {
    const store = await new SqliteRig().open();
    await storeRun(store, 3);
    const id = await storeNasty(store);
    await storeRun(store, 3);
    const query = { ...ALL, limit: 2, states: ["failed", "pending"] as const };
    let text = "";
    for (let after = 0, pages = 0; ; pages++) {
      const page = await store.texts!.lines(id, { ...query, after });
      if (page === null) {
        expect(pages).toBe(4);
        break;
      }
      text += page.text;
      after = page.last;
    }
    const wanted = (await allRows(store, id)).filter(({ state }) =>
      query.states.some((one) => one === state),
    );
    expect(text).toBe(linesOf(wanted));
  });

  test("end before their texts would be too long, and hold one row in any case", async () => {
    const store = await new SqliteRig().open();
    const { id } = await storeRun(store, 8);
    const rowsWithin = async (maxBytes: number) =>
      (await store.texts!.table(id, { ...ALL, maxBytes }, false))!.rows.length;
    const { length } = '{"prompt":"1"}';
    expect(await rowsWithin(8 * length)).toBe(8);
    expect(await rowsWithin(8 * length - 1)).toBe(4);
    expect(await rowsWithin(1)).toBe(1);
  });
});
