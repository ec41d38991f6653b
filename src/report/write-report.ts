import type { Run } from "../domain/run.ts";
import { type OutputPlace, writeOutput } from "../output/file/write-output.ts";
import type { StoreReader } from "../ports/store.ts";
import { collectReport } from "./collect.ts";
import { pageHtml } from "./page-html.ts";
import type { ReportData } from "./report-data.ts";

interface ReportRequest extends OutputPlace {
  store: StoreReader;
  run: Run;
  wallMs: number;
  /** See {@link ReportData}. */
  dbFlag: string;
}

/**
 * Writes the report of a run, finished or not, as one HTML file.
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function writeReport({ store, run, wallMs, dbFlag, ...place }: ReportRequest): Promise<void> {
  async function* page(): AsyncGenerator<string> {
    yield pageHtml(await collectReport(store, run, { wallMs, dbFlag }));
  }
  await writeOutput(place, page());
}
