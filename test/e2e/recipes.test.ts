import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFolder } from "../helpers/cli.ts";
import { readParquet } from "../helpers/read-parquet.ts";
import { simulate } from "../helpers/simulate.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The page's shell blocks under their headings. */
function recipes(): { title: string; script: string }[] {
  const page = readFileSync(join(ROOT, "docs/RECIPES.md"), "utf8");
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.split("\n")[0]!,
      script: [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join(""),
    }));
}

/** A folder with the fixtures, and `llm-batch` on the path of the shell. */
function workshop(): { cwd: string; path: string } {
  const cwd = tempFolder();
  cpSync(join(ROOT, "fixtures"), join(cwd, "fixtures"), { recursive: true });
  const bin = join(cwd, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "llm-batch"), `#!/bin/sh\nexec node ${join(ROOT, "bin/llm-batch.js")} "$@"\n`);
  chmodSync(join(bin, "llm-batch"), 0o755);
  return { cwd, path: `${bin}:${process.env.PATH}` };
}

test("every recipe works as printed", async () => {
  const { cwd, path } = workshop();
  const simulator = await simulate();
  const env = {
    ...process.env,
    PATH: path,
    OPENAI_API_KEY: "sk-recipes",
    ANTHROPIC_API_KEY: "sk-recipes",
    LLM_BATCH_BASE_URL: simulator.url,
  };
  const failed: string[] = [];
  for (const { title, script } of recipes()) {
    await promisify(execFile)("sh", ["-e", "-c", script], { cwd, env }).catch((error: Error) => {
      failed.push(`${title}: ${error.message}`);
    });
  }
  expect(failed).toEqual([]);
  expect(readFileSync(join(cwd, "graded.csv"), "utf8")).toMatch(/^.*,llm_output,.*,grade_output,/);
  const [vector] = await readParquet(join(cwd, "vectors.parquet"));
  expect(vector!.embedding).toMatchObject({ items: expect.arrayContaining([expect.any(Number)]) });
  for (const name of ["classified.csv", "vectors.parquet", "batch-output.jsonl", "piped.jsonl"]) {
    expect(readFileSync(join(cwd, name)).length, name).toBeGreaterThan(0);
  }
}, 120_000);
