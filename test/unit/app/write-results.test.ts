import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { writeRunOutput } from "../../../src/app/write-results.ts";
import type { Run } from "../../../src/domain/run.ts";
import type { Store } from "../../../src/ports/store.ts";
import { tempFolder } from "../../helpers/cli.ts";

const RUN: Run = {
  id: "r_1",
  state: "finished",
  fingerprint: "",
  sources: [],
  request: {} as Run["request"],
  options: {},
  output: null,
  written: null,
  createdAt: 0,
  finishedAt: 0,
};

/** A store without rows that tells what it is asked to note. */
function storeThat(noteWritten: Store["noteWritten"]): Store {
  return { page: async () => [], noteWritten } as Partial<Store> as Store;
}

const REQUEST = { run: RUN, stdout: new PassThrough(), format: null, force: false };

test("a results file is noted as the run's own before it is there, so that a kill in between doesn't orphan it", async () => {
  const path = join(tempFolder(), "out.jsonl");
  const noted: { path: string; isThere: boolean }[] = [];
  const store = storeThat(async (_, noting) => {
    noted.push({ path: noting, isThere: existsSync(noting) });
  });
  await writeRunOutput(store, { ...REQUEST, path });
  expect(noted).toEqual([{ path, isThere: false }]);
  expect(existsSync(path)).toBe(true);
});

test("a working folder that was removed meanwhile is told as such", async () => {
  const before = process.cwd();
  const folder = join(tempFolder(), "gone");
  mkdirSync(folder);
  process.chdir(folder);
  // As a run has done by then: it is asked for once.
  process.cwd();
  rmdirSync(folder);
  try {
    const writing = writeRunOutput(
      storeThat(async () => {}),
      { ...REQUEST, path: "out.jsonl" },
    );
    await expect(writing).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: "out.jsonl: can't be written: the working folder is no longer there",
    });
  } finally {
    process.chdir(before);
  }
});

test("a file of somebody else is neither noted nor replaced", async () => {
  const path = join(tempFolder(), "out.jsonl");
  writeFileSync(path, "mine");
  const noted: string[] = [];
  const store = storeThat(async (_, noting) => {
    noted.push(noting);
  });
  await expect(writeRunOutput(store, { ...REQUEST, path })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  expect(noted).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe("mine");
});
