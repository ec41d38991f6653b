import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
