import type { Run } from "../domain/run.ts";
import { type OutputPlace, writeOutput } from "../output/file/write-output.ts";
import type { StoreReader } from "../ports/store.ts";
import { collectReport } from "./collect.ts";
import type { Advise } from "./figures.ts";
import { pageHtml } from "./page-html.ts";
import type { ReportData } from "./report-data.ts";

interface ReportRequest extends OutputPlace {
  store: StoreReader;
  run: Run;
  wallMs: number;
  /** See {@link ReportData}. */
  dbFlag: string;
  advise: Advise;
}

/**
 * Writes the report of a run, finished or not, as one HTML file.
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function writeReport({ store, run, ...request }: ReportRequest): Promise<void> {
  async function* page(): AsyncGenerator<string> {
    yield pageHtml(await collectReport(store, run, request));
  }
  await writeOutput(request, page());
}
