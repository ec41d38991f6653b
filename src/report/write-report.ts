import type { Writable } from "node:stream";
import type { Run } from "../domain/run.ts";
import { writeFile } from "../output/write-file.ts";
import { writeStream } from "../output/write-stream.ts";
import type { StoreReader } from "../ports/store.ts";
import { collectReport } from "./collect.ts";
import { pageHtml } from "./page-html.ts";

interface ReportRequest {
  store: StoreReader;
  run: Run;
  /** `-` for standard output. */
  path: string;
  stdout: Writable;
  /** Replaces a file that is there. */
  force: boolean;
  wallMs: number;
}

/**
 * Writes the report of a run, finished or not, as one HTML file.
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function writeReport({ store, run, path, stdout, force, wallMs }: ReportRequest): Promise<void> {
  async function* page(): AsyncGenerator<string> {
    yield pageHtml(await collectReport(store, run, wallMs));
  }
  await (path === "-" ? writeStream(stdout, page()) : writeFile(path, force, page()));
}
