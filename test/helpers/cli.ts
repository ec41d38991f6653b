import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterTest } from "./after-test.ts";

export { type Ended, runCli, type Started, startCli } from "./start-cli.ts";

/** An empty folder that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-test-"));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
