import { setImmediate } from "node:timers/promises";
import type { Run } from "../domain/run.ts";
import type { OutlineRow } from "../ports/results.ts";
import type { StoreReader } from "../ports/store.ts";
import { type Picked, type PickLimits, RowPicker } from "./pick-rows.ts";
import type { ReportData, ReportedRow } from "./report-data.ts";
import { wholeRow } from "./report-row.ts";

/** Rows of an outline read at once: about 10 ms. */
const OUTLINE_ROWS = 5_000;
/** Rows a page carries of each kind at most. A phone still scrolls and searches them without a pause. */
const SAMPLE_ROWS = 2_000;
const EXTREME_ROWS = 10;
/** Characters of each text. */
const TEXT_CHARACTERS = 20_000;
/** Most characters of all rows of a file. */
const SAMPLE_BYTES = 4_000_000;

type Sampled = Pick<ReportData, "sample" | "slowest" | "dearest">;

/** The rows that a file carries: all of a small run; of a larger one its failures, its extremes, and the rest in equal steps. */
export async function sampleRows(store: StoreReader, run: Run, total: number): Promise<Sampled> {
  const picked = await pickRows(store, run.id, { total, rows: SAMPLE_ROWS, extremes: EXTREME_ROWS });
  const rows = await readRows(store, run, inOrderOfNeed(picked));
  const inputOrder = [...rows.values()].sort((a, b) => a.number - b.number);
  return {
    slowest: those(rows, picked.slowest),
    dearest: those(rows, picked.dearest),
    sample: {
      rows: inputOrder,
      total,
      failures: inputOrder.filter(({ state }) => state === "failed").length,
    },
  };
}

/** The slowest and the dearest rows alone. */
export async function extremeRows(
  store: StoreReader,
  run: Run,
): Promise<Pick<Sampled, "slowest" | "dearest">> {
  const picked = await pickRows(store, run.id, { total: 0, rows: 0, extremes: EXTREME_ROWS });
  const rows = await readRows(store, run, [...new Set([...picked.slowest, ...picked.dearest])]);
  return { slowest: those(rows, picked.slowest), dearest: those(rows, picked.dearest) };
}

function those(rows: ReadonlyMap<number, ReportedRow>, numbers: readonly number[]): ReportedRow[] {
  return numbers.flatMap((number) => rows.get(number) ?? []);
}

async function pickRows(store: StoreReader, run: string, limits: PickLimits): Promise<Picked> {
  const picker = new RowPicker(limits);
  let rows: OutlineRow[] = [];
  do {
    rows = await store.outline(run, rows.at(-1)?.id ?? 0, OUTLINE_ROWS);
    for (const row of rows) picker.add(row);
    // SQLite answers at once, so that nothing else would have its turn until the last page.
    await setImmediate();
  } while (rows.length === OUTLINE_ROWS);
  return picker.picked;
}

/** The first come whatever the room; what is spread over the run comes in steps, so that what fits of it is spread as well. */
function inOrderOfNeed({ failed, slowest, dearest, spread }: Picked): number[] {
  const steps = [8, 4, 2, 1].flatMap((step) => spread.filter((_, at) => at % step === 0));
  return [...new Set([...slowest, ...dearest, ...failed, ...steps])].slice(0, SAMPLE_ROWS);
}

async function readRows(
  store: StoreReader,
  { id, request }: Run,
  numbers: readonly number[],
): Promise<Map<number, ReportedRow>> {
  const form = { samples: request.samples, maxCharacters: TEXT_CHARACTERS };
  const rows = new Map<number, ReportedRow>();
  let bytes = 0;
  for (const number of numbers) {
    const job = await store.job(id, number);
    if (job === null) continue;
    const row = wholeRow(job, form);
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (bytes > SAMPLE_BYTES) break;
    rows.set(number, row);
  }
  return rows;
}
