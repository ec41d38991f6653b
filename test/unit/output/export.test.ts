import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { JOB_STATES } from "../../../src/domain/job.ts";
import { exportRun } from "../../../src/output/export.ts";
import type { ExportRequest } from "../../../src/output/export-request.ts";
import type { ResultRow } from "../../../src/ports/results.ts";
import { finishedRun, MemoryPages, resultRow } from "../../helpers/result-rows.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-batch-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const results = (count: number, wanted: Partial<ResultRow> = {}): ResultRow[] =>
  Array.from({ length: count }, (_, index) => resultRow({ id: index + 1, key: `q-${index + 1}`, ...wanted }));

function exportRows(rows: ResultRow[], wanted: Partial<ExportRequest>) {
  return exportRun({
    store: new MemoryPages(rows),
    run: finishedRun(),
    path: at("out.jsonl"),
    stdout: new PassThrough(),
    format: null,
    states: JOB_STATES,
    partial: false,
    force: false,
    includeRaw: false,
    escapeFormulas: false,
    answerColumns: false,
    columnPrefix: null,
    follow: null,
    ...wanted,
  });
}

const idsIn = (name: string): string[] =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).id);

describe("exporting a run", () => {
  test("writes every row once, in order, over many pages", async () => {
    const rows = results(5_001);
    expect(await exportRows(rows, {})).toMatchObject({ rows: 5_001 });
    expect(idsIn("out.jsonl")).toEqual(rows.map(({ key }) => key));
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  test("asks for pages of 2,000 rows, and of no more than 256 Ki characters", async () => {
    const store = new MemoryPages(results(5_000));
    await exportRows([], { store });
    expect(store.queries.map(({ limit }) => limit)).toEqual([100, 2_000, 2_000, 2_000, 2_000]);
    expect(store.queries.every(({ maxCharacters }) => maxCharacters === 256 * 1024)).toBe(true);
  });

  test("counts what it wrote by status, and writes only the states asked for", async () => {
    const states = ["succeeded", "failed", "running", "pending", "cancelled", "succeeded"] as const;
    const rows = states.map((state, index) => resultRow({ id: index + 1, key: `q-${index + 1}`, state }));
    expect(await exportRows(rows, {})).toEqual({
      rows: 6,
      isWhole: true,
      byStatus: { succeeded: 2, failed: 1, pending: 2, cancelled: 1 },
    });
    expect(await exportRows(rows, { states: ["failed"], force: true })).toMatchObject({ rows: 1 });
    expect(idsIn("out.jsonl")).toEqual(["q-2"]);
  });

  test("chooses the format by option, else by ending, else JSONL", async () => {
    await exportRows(results(1), { path: at("a.csv") });
    await exportRows(results(1), { path: at("b") });
    await exportRows(results(1), { path: at("c.txt"), format: "csv" });
    expect(readFileSync(at("a.csv"), "utf8")).toMatch(/^id,prompt,llm_status,.*\nq-1,Hello\?,succeeded,Hi\./);
    expect(idsIn("b")).toEqual(["q-1"]);
    expect(readFileSync(at("c.txt"), "utf8")).toBe(readFileSync(at("a.csv"), "utf8"));
    await expect(exportRows(results(1), { path: at("d.txt") })).rejects.toMatchObject({
      code: "UNKNOWN_FORMAT",
      hint: expect.stringContaining("--output-format"),
    });
  });

  test("writes a file without rows, and a CSV with its header alone", async () => {
    await exportRows([], {});
    await exportRows([], { path: at("a.csv") });
    expect(readFileSync(at("out.jsonl"), "utf8")).toBe("");
    expect(readFileSync(at("a.csv"), "utf8")).toMatch(/^id,llm_status,.*\n$/);
  });

  test("adds the whole response where it is asked for, which only JSONL can hold", async () => {
    await exportRows(results(1, { raw: '{"x":1}' }), { includeRaw: true });
    expect(JSON.parse(readFileSync(at("out.jsonl"), "utf8")).raw).toEqual({ x: 1 });
    await expect(exportRows([], { includeRaw: true, format: "csv" })).rejects.toMatchObject({
      code: "RAW_NEEDS_JSONL",
    });
  });

  const columnsAs = [
    ["--escape-formulas", { escapeFormulas: true }],
    ["--answer-columns", { answerColumns: true }],
    ["--column-prefix", { columnPrefix: "b_" }],
  ] as const;

  test.each(["jsonl", "openai", "parquet"] as const)(
    "takes nothing that is said of columns for %s",
    async (format) => {
      const path = at(`out.${format}`);
      for (const [flag, wish] of columnsAs) {
        await expect(exportRows([], { path, format, ...wish })).rejects.toMatchObject({
          code: "BAD_OPTION",
          message: expect.stringMatching(`^${flag}: .*CSV.*format \\w+$`),
          hint: expect.stringContaining("--output-format csv"),
          exitCode: 2,
        });
      }
      expect(existsSync(path)).toBe(false);
    },
  );
});

describe("a file is written whole or not at all", () => {
  const failing = {
    page: async (_run: string, { after }: { after: number }) => {
      if (after > 0) throw new Error("the table is gone");
      return results(100);
    },
  };

  test("a failure leaves nothing, and an older file as it was", async () => {
    await expect(exportRows([], { store: failing })).rejects.toThrow("the table is gone");
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(at("out.jsonl"), "old");
    await expect(exportRows([], { store: failing, force: true })).rejects.toThrow("the table is gone");
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
    expect(readFileSync(at("out.jsonl"), "utf8")).toBe("old");
  });

  test("a full disk says so and leaves nothing", async () => {
    const full = {
      page: async () => {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
          code: "ENOSPC",
          syscall: "write",
        });
      },
    };
    await expect(exportRows([], { store: full })).rejects.toMatchObject({
      code: "DISK_FULL",
      message: expect.stringContaining("out.jsonl"),
      hint: expect.stringContaining("another disk"),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a file that is there is replaced only with force", async () => {
    writeFileSync(at("out.jsonl"), "old");
    const refused = { code: "OUTPUT_EXISTS", hint: expect.stringContaining("--force"), exitCode: 2 };
    await expect(exportRows(results(1), {})).rejects.toMatchObject(refused);
    expect(readFileSync(at("out.jsonl"), "utf8")).toBe("old");
    await exportRows(results(1), { force: true });
    expect(idsIn("out.jsonl")).toEqual(["q-1"]);
  });

  test("behind a symbolic link the file is replaced, and the link stays", async () => {
    mkdirSync(at("real"));
    writeFileSync(at("real/out.jsonl"), "old");
    symlinkSync(at("real/out.jsonl"), at("link.jsonl"));
    await exportRows(results(1), { path: at("link.jsonl"), force: true });
    expect(lstatSync(at("link.jsonl")).isSymbolicLink()).toBe(true);
    expect(idsIn("real/out.jsonl")).toEqual(["q-1"]);
  });

  test("a file that only its owner may read is replaced by another one", async () => {
    writeFileSync(at("out.jsonl"), "old", { mode: 0o600 });
    await exportRows(results(1), { path: at("out.jsonl"), force: true });
    expect(idsIn("out.jsonl")).toEqual(["q-1"]);
    expect(lstatSync(at("out.jsonl")).mode & 0o777).toBe(0o600);
  });

  test("a device is written to, never replaced", async () => {
    await exportRows(results(3), { path: "/dev/null" });
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("a device that is full says so", async () => {
    const writing = exportRows(results(1), { path: "/dev/full", format: "jsonl" });
    await expect(writing).rejects.toMatchObject({ code: "DISK_FULL" });
  });

  test("a full disk behind standard output says so", async () => {
    const stdout = createWriteStream("/dev/full");
    const writing = exportRows(results(1), { path: "-", stdout });
    await expect(writing).rejects.toMatchObject({ code: "DISK_FULL" });
  });

  test.each([
    ["a folder", "", "is a folder"],
    ["a missing folder", "none/out.jsonl", "none doesn't exist"],
  ])("%s is refused", async (_, name, says) => {
    await expect(exportRows([], { path: at(name), format: "jsonl" })).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining(says),
    });
  });
});

describe("an unfinished run", () => {
  test.each(["open", "importing"] as const)(
    "that is %s is refused, and both ways on are named",
    async (state) => {
      await expect(exportRows(results(1), { run: finishedRun({ state }) })).rejects.toMatchObject({
        code: "RUN_UNFINISHED",
        exitCode: 75,
        hint: expect.stringMatching(/resume r_test0001.*export r_test0001 --partial/),
      });
      expect(existsSync(at("out.jsonl"))).toBe(false);
    },
  );

  test("is written with --partial, its unfinished rows as pending", async () => {
    const rows = [resultRow(), resultRow({ id: 2, key: "row-2", state: "running", output: null })];
    const counts = await exportRows(rows, { run: finishedRun({ state: "open" }), partial: true });
    expect(counts.byStatus).toEqual({ succeeded: 1, failed: 0, cancelled: 0, pending: 1 });
  });

  test("that was cancelled counts as finished", async () => {
    expect(await exportRows(results(1), { run: finishedRun({ state: "cancelled" }) })).toMatchObject({
      rows: 1,
    });
  });
});

describe("standard output", () => {
  test("gets the rows and stays open", async () => {
    const stdout = new PassThrough();
    const read = text(stdout);
    await exportRows(results(3), { path: "-", stdout });
    stdout.end("end");
    expect(await read).toMatch(/^(\{.*\}\n){3}end$/);
  });

  test("is never given more than it takes", async () => {
    let inFlight = 0;
    let most = 0;
    const stdout = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        most = Math.max(most, ++inFlight);
        setImmediate(() => {
          inFlight--;
          done();
        });
      },
    });
    const store = new MemoryPages(results(10_000));
    await exportRows([], { path: "-", stdout, store });
    expect(most).toBe(1);
    expect(stdout.writableLength).toBe(0);
  });

  test("whose reader has gone ends the export quietly, without reading on", async () => {
    const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    let writes = 0;
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(++writes > 1 ? gone : null) });
    const store = new MemoryPages(results(100_000));
    expect(await exportRows([], { path: "-", stdout, store })).toMatchObject({ rows: 100 });
    expect(store.queries).toHaveLength(2);
  });

  test("that fails otherwise says so", async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error("broken")) });
    await expect(exportRows(results(1), { path: "-", stdout })).rejects.toThrow("broken");
  });
});
