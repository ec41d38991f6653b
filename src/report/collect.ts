import type { Run } from "../domain/run.ts";
import type { StoreReader } from "../ports/store.ts";
import { VERSION } from "../version.ts";
import { historyColumns } from "./columns.ts";
import { type Advise, readFigures } from "./figures.ts";
import type { ReportData } from "./report-data.ts";
import { sampleRows } from "./sample.ts";

/** Everything that a file shows of a run, in memory that doesn't grow with it. */
export async function collectReport(
  store: StoreReader,
  run: Run,
  { wallMs, dbFlag, advise }: Pick<ReportData, "dbFlag"> & { wallMs: number; advise: Advise },
): Promise<ReportData> {
  const figures = await readFigures(store, run, advise);
  return {
    version: VERSION,
    madeAt: wallMs,
    isLive: false,
    dbFlag,
    figures,
    history: historyColumns(await store.history(run.id), run),
    ...(await sampleRows(store, run, figures.jobs.total)),
  };
}
