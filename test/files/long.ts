/**
 * `npm run test:files -- --lines 50000`: a batch file of each provider through the real binary, its results read by the
 * provider's SDK as the provider's own would be. Exits 1 where they differ.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROVIDERS, prove } from "./proof.ts";

const { values } = parseArgs({ options: { lines: { type: "string", default: "50000" } } });
const count = Number(values.lines);

for (const name of Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[]) {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-files-"));
  const started = performance.now();
  try {
    const { ended, theirs, ours } = await prove(name, count, folder);
    assert.equal(ended.code, 3, ended.stderr);
    assert.equal(ours.size, count);
    assert.deepEqual(ours, theirs);
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stdout.write(`same   ${name}: ${count} lines, in ${seconds} s\n`);
  } catch (error) {
    process.stdout.write(`DIFFERS ${name}: ${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
