import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import type { ResultRow } from "../../src/ports/results.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { openDatabase } from "../helpers/test-database.ts";

/** More than 8 MB of them are read by a thread of their own; packed they are few bytes, and are read in the only one. */
const ROWS = 2_400;
const PADDING = "Grüße, 你好 🦊 and so on. ".repeat(150);
const ENDS_BADLY = '"never closed';

interface Row {
  id: string;
  prompt: string;
  model?: string;
}

const rowOf = (number: number): Row => ({ id: `r${number}`, prompt: `${number} "${PADDING}"` });
const manyRows = (change: (row: Row, number: number) => unknown = (row) => row): unknown[] =>
  Array.from({ length: ROWS }, (_, index) => change(rowOf(index + 1), index + 1));
const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const csv = (rows: readonly Row[]): string =>
  `id,prompt\n${rows.map(({ id, prompt }) => `${id},"${prompt.replaceAll('"', '""')}"\n`).join("")}`;

/** Imports a text as it is and packed, each into a folder of its own. */
async function importBothWays(name: string, text: string, ...flags: string[]) {
  expect(Buffer.byteLength(text)).toBeGreaterThan(8 * 1024 * 1024);
  return Promise.all(
    [
      { file: name, bytes: text, command: runCli },
      { file: `${name}.gz`, bytes: gzipSync(text, { level: 1 }), command: runHere },
    ].map(async ({ file, bytes, command }) => {
      const cwd = tempFolder();
      writeFileSync(join(cwd, file), bytes);
      const args = ["run", file, "--provider", "sim", "--detach", "--progress", "none", ...flags];
      const { code, stderr } = await command(args, { cwd });
      const said = stderr.replaceAll(file, name).replaceAll(/r_\w{8}/g, "RUN");
      return { cwd, code, said, stored: await storedIn(cwd) };
    }),
  );
}

/** What is in the database of a folder: how many rows, a digest of all that is known of each, and what is wrong with them. */
async function storedIn(cwd: string) {
  const store = await openDatabase(cwd);
  try {
    const [run] = await store.listRuns();
    if (run === undefined) return null;
    const digest = createHash("sha256");
    let count = 0;
    for (let after = 0; ; ) {
      const states = ["pending", "failed"] as const;
      const page: ResultRow[] = await store.page(run.id, { after, limit: 5_000, states, raw: false });
      if (page.length === 0) break;
      for (const row of page) digest.update(`${JSON.stringify(row)}\n`);
      count += page.length;
      after = page.at(-1)!.id;
    }
    const { hash: _, path: __, ...source } = run.sources[0]!;
    const checks = (await store.verify()).filter(({ verdict }) => verdict !== "ok");
    const { jobs } = await store.figures(run.id);
    return { count, digest: digest.digest("hex"), source, jobs, checks };
  } finally {
    await store.close();
  }
}

test.each([
  ["JSONL", "rows.jsonl", jsonl(manyRows())],
  ["CSV", "rows.csv", csv(manyRows() as Row[])],
  [
    "rows of several models, some of them bad",
    "rows.jsonl",
    jsonl(
      manyRows((row, number) => {
        if (number % 300 === 0) return { ...row, prompt: 7 };
        return number % 3 === 0 ? { ...row, model: `m-${number % 4}` } : row;
      }),
    ),
  ],
])("a large file of %s gives the rows that it gives read in the only thread", async (_, name, text) => {
  const [threaded, plain] = await importBothWays(name, text, "--skip-invalid");
  expect(threaded!.said).toBe(plain!.said);
  expect([threaded!.code, plain!.code]).toEqual([0, 0]);
  expect(threaded!.stored).toEqual(plain!.stored);
  expect(threaded!.stored!.count).toBe(ROWS);
  expect(threaded!.stored!.checks).toEqual([]);
});

test.each([
  [
    "an id twice",
    "DUPLICATE_ID",
    "rows.jsonl",
    jsonl(manyRows((row, n) => (n === ROWS ? { ...row, id: "r9" } : row))),
  ],
  ["bad rows", "INVALID_ROWS", "rows.jsonl", jsonl(manyRows((row, n) => (n % 300 === 0 ? [row] : row)))],
  ["a quote that isn't closed", "BAD_CSV", "rows.csv", `${csv(manyRows() as Row[])}x,${ENDS_BADLY}\n`],
])("%s in a large file is told as in a small one, and leaves nothing", async (_, code, name, text) => {
  const [threaded, plain] = await importBothWays(name, text);
  expect(threaded!.said).toMatch(new RegExp(`^${code}: `));
  expect(threaded!.said).toBe(plain!.said);
  expect([threaded!.code, plain!.code]).toEqual([2, 2]);
  expect([threaded!.stored, plain!.stored]).toEqual([null, null]);
});

test.each(["SIGINT", "SIGKILL"] as const)(
  "%s amid a large import: the same command has all rows",
  async (signal) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "rows.jsonl"), jsonl(manyRows()));
    const args = ["run", "rows.jsonl", "--provider", "sim", "--detach"];
    const importer = startCli(args, { cwd });
    await vi.waitUntil(() => isImporting(cwd), { timeout: 20_000, interval: 5 });
    importer.process.kill(signal);
    const ended = await importer.ended;
    if (signal === "SIGINT") {
      expect(ended.code).toBe(130);
      expect(ended.stderr).toMatch(/^interrupted by SIGINT before anything was sent/);
    }
    const again = await runCli(args, { cwd });
    expect(again.code, again.stderr).toBe(0);
    expect((await storedIn(cwd))!.count).toBe(ROWS);
  },
);

async function isImporting(cwd: string): Promise<boolean> {
  const store = await openDatabase(cwd).catch(() => null);
  const runs = (await store?.listRuns()) ?? [];
  await store?.close();
  return runs.some(({ state }) => state === "importing");
}
