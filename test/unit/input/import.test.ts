import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import type { RequestSettings } from "../../../src/domain/request.ts";
import { hashFile, type ImportOptions, importRun } from "../../../src/input/import.ts";
import type { ReadSoFar } from "../../../src/ports/import.ts";
import { importRequest } from "../../helpers/import-request.ts";
import { MemoryImport } from "../../helpers/memory-import.ts";

let folder: string;
let store: MemoryImport;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-batch-test-"));
  store = new MemoryImport();
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return name;
}

async function load(
  names: string[],
  options: Partial<ImportOptions> = {},
  request: Partial<RequestSettings> = {},
  seeRead?: (read: ReadSoFar) => void,
) {
  const inputs = await Promise.all(
    names.map(async (path) => ({ path, file: join(folder, path), hash: await hashFile(join(folder, path)) })),
  );
  return importRun({ ...importRequest({ inputs, store, options, request }), seeRead });
}

const prompts = (count: number, first = 1): string =>
  Array.from({ length: count }, (_, index) => `{"prompt":"p${first + index}"}\n`).join("");

const promptsRead = (): string[] => store.rows.map(({ row }) => JSON.parse(row).prompt);

describe("importing a run", () => {
  test("takes every row with its line, id and model, and what it read them from", async () => {
    write("a.jsonl", '{"id":7,"prompt":"x"}\n\n  {"prompt":"y","model":"own"}  \r\n');
    const { run, rows, bad } = await load(["a.jsonl"]);
    expect({ rows, bad }).toEqual({ rows: 2, bad: 0 });
    expect(store.rows).toMatchObject([
      { source: 0, line: 1, key: "7", row: '{"id":7,"prompt":"x"}', model: null, error: null },
      { source: 0, line: 3, key: null, row: '{"prompt":"y","model":"own"}', model: "own", error: null },
    ]);
    const hash = await hashFile(join(folder, "a.jsonl"));
    const fields = ["id", "prompt", "model"];
    expect(run.sources).toEqual([
      { path: "a.jsonl", format: "jsonl", hash, columns: null, fields, form: "rows" },
    ]);
    expect(store.state).toBe("finished");
  });

  test("notes the fields of all rows it takes, unless they are thousands", async () => {
    write("a.jsonl", '{"prompt":"x","not":1}\n{"prompt":"y","b":1}\n{"prompt":"z","a":2,"b":3}\n');
    const fieldsOf = async (...args: Parameters<typeof load>) => (await load(...args)).run.sources[0]!.fields;
    expect(await fieldsOf(["a.jsonl"], { range: { from: 2, to: 3 } })).toEqual(["prompt", "b", "a"]);
    write(
      "b.jsonl",
      Array.from({ length: 600 }, (_, at) => `{"prompt":"x","a${at}":1,"b${at}":1}\n`).join(""),
    );
    expect(await fieldsOf(["b.jsonl"])).toBeUndefined();
  });

  test("tells after each batch how many rows were read, of how much of the files", async () => {
    const plain = prompts(30_000);
    const packed = gzipSync(prompts(10));
    write("a.jsonl", plain);
    write("b.jsonl.gz", packed);
    const told: ReadSoFar[] = [];
    await load(["a.jsonl", "b.jsonl.gz"], {}, {}, (read) => told.push(read));
    expect(told.map(({ rows }) => rows).filter((rows) => rows % 2_500 !== 0)).toEqual([30_010]);
    const ofBytes = plain.length + packed.length;
    expect(told.every((read) => read.ofBytes === ofBytes)).toBe(true);
    expect(told[0]!.bytes).toBeLessThan(plain.length);
    expect(told.slice(-2).map(({ bytes }) => bytes)).toEqual([plain.length, ofBytes]);
  });

  test("reads several files, of any format, one after another", async () => {
    write("a.jsonl", prompts(2));
    write("b.csv", "prompt,n\nc,1\n");
    write("c.tsv", "prompt\tn\nd\t2\n");
    write("d.ndjson.gz", gzipSync('{"prompt":"e"}\n'));
    write("e.txt", "prompt\nf\n");
    const { run } = await load(["a.jsonl", "b.csv", "c.tsv", "d.ndjson.gz"]);
    expect(store.rows.map(({ source, line }) => [source, line])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [2, 2],
      [3, 1],
    ]);
    expect(promptsRead()).toEqual(["p1", "p2", "c", "d", "e"]);
    expect(run.sources.map(({ format, columns }) => [format, columns])).toEqual([
      ["jsonl", null],
      ["csv", ["prompt", "n"]],
      ["tsv", ["prompt", "n"]],
      ["jsonl", null],
    ]);
    await load(["e.txt"], { format: "csv" });
    expect(promptsRead().at(-1)).toBe("f");
  });

  test("takes the hash of the file's own bytes, compressed or not, read to the end or not", async () => {
    write("a.jsonl.gz", gzipSync(prompts(50_000)));
    const { run } = await load(["a.jsonl.gz"], { limit: 1 });
    expect(run.sources[0]!.hash).toBe(await hashFile(join(folder, "a.jsonl.gz")));
    expect(run.sources[0]!.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("stores many rows in batches, each of them once and in order", async () => {
    write("a.jsonl", prompts(12_345));
    expect((await load(["a.jsonl"])).rows).toBe(12_345);
    expect(promptsRead()).toEqual(Array.from({ length: 12_345 }, (_, index) => `p${index + 1}`));
    expect(store.batches).toEqual([2_500, 2_500, 2_500, 2_500, 2_345]);
  });

  test("stores large rows in smaller batches", async () => {
    write("a.jsonl", `{"prompt":"${"x".repeat(1_000_000)}"}\n`.repeat(10));
    await load(["a.jsonl"]);
    expect(store.batches).toEqual([2, 2, 2, 2, 2]);
  });

  test("finds the id in custom_id, then id, or where --id-field says, and keeps large numbers whole", async () => {
    write("a.jsonl", '{"prompt":"x","id":"b","custom_id":"a","n":12345678901234567890}\n');
    await load(["a.jsonl"]);
    await load(["a.jsonl"], {}, { idField: "n" });
    expect(store.rows.map(({ key }) => key)).toEqual(["a", "12345678901234567890"]);
  });
});

describe("--range and --limit", () => {
  test.each<[Partial<ImportOptions>, string[]]>([
    [{ limit: 3 }, ["p1", "p2", "p3"]],
    [{ range: { from: 4, to: 6 } }, ["p4", "p5", "p6"]],
    [{ range: { from: 4, to: Number.POSITIVE_INFINITY } }, ["p4", "p5", "p6", "p7", "p8"]],
    [{ range: { from: 2, to: 7 }, limit: 2 }, ["p2", "p3"]],
    [{ range: { from: 2, to: 2 }, limit: 9 }, ["p2"]],
  ])("%j over two files of four rows takes %j", async (options, expected) => {
    write("a.jsonl", prompts(4));
    write("b.jsonl", prompts(4, 5));
    const { rows } = await load(["a.jsonl", "b.jsonl"], options);
    expect(promptsRead()).toEqual(expected);
    expect(rows).toBe(expected.length);
  });

  test("leave a row its number among all records as its id", async () => {
    write("a.jsonl", prompts(4));
    await load(["a.jsonl"], { range: { from: 3, to: 4 } });
    expect(store.rows.map(({ key }) => key)).toEqual(["row-3", "row-4"]);
  });

  test("don't look at the rows they leave out", async () => {
    write("a.jsonl", `nonsense\n${prompts(1)}nonsense\n`);
    expect(await load(["a.jsonl"], { range: { from: 2, to: 2 } })).toMatchObject({ rows: 1, bad: 0 });
  });

  test("refuse a range that begins after the last record", async () => {
    write("a.jsonl", prompts(4));
    const expected = { code: "EMPTY_INPUT", message: "--range: starts at record 9, and there are 4" };
    await expect(load(["a.jsonl"], { range: { from: 9, to: 10 } })).rejects.toMatchObject(expected);
    expect(store.state).toBe("discarded");
  });
});

describe("bad rows", () => {
  test("refuse the input: the first 20 are listed, the rest counted, and none of the good is kept", async () => {
    write("a.jsonl", prompts(6_000));
    write("b.jsonl", `${'{"prompt":""}\n'.repeat(24)}{\n`);
    const error = await load(["a.jsonl", "b.jsonl"]).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "INVALID_ROWS",
      exitCode: 2,
      hint: expect.stringMatching(/--skip-invalid$/),
    });
    const lines = error.message.split("\n");
    expect(lines[0]).toBe("25 of 6025 rows can't be sent, so nothing was");
    expect(lines[1]).toBe('  b.jsonl:1 MISSING_FIELD the field "prompt" is empty');
    expect(lines[20]).toBe('  b.jsonl:20 MISSING_FIELD the field "prompt" is empty');
    expect(lines.slice(21)).toEqual(["  and 5 more"]);
    expect(store.state).toBe("discarded");
  });

  test("with --skip-invalid are kept with their code, as valid JSON, under the id they have", async () => {
    write("a.jsonl", '{"id":"a","prompt":"x"}\n{"id":"b"}\n{"id":\n[1]\n{"id":"","prompt":"x"}\n');
    write("b.csv", "id,prompt\nc\nd,e\n");
    expect(await load(["a.jsonl", "b.csv"], { skipInvalid: true })).toMatchObject({ rows: 7, bad: 5 });
    expect(store.rows.map(({ key, row, error }) => [key, row, error?.code ?? null])).toEqual([
      ["a", '{"id":"a","prompt":"x"}', null],
      ["b", '{"id":"b"}', "MISSING_FIELD"],
      [null, JSON.stringify('{"id":'), "BAD_JSON"],
      [null, "[1]", "NOT_AN_OBJECT"],
      [null, '{"id":"","prompt":"x"}', "BAD_ID"],
      [null, '["c"]', "RAGGED_ROW"],
      ["d", '{"id":"d","prompt":"e"}', null],
    ]);
  });

  test.each([["null"], ["true"], ["[1]"], ["{}"], ['""']])("an id of %s is bad", async (id) => {
    write("a.jsonl", `{"id":${id},"prompt":"x"}\n`);
    await expect(load(["a.jsonl"])).rejects.toMatchObject({
      message: expect.stringContaining("a.jsonl:1 BAD_ID"),
    });
  });

  test("a row without the field that --id-field names is bad", async () => {
    write("a.jsonl", '{"id":"a","prompt":"x"}\n');
    const expected = { message: expect.stringContaining('BAD_ID the id field "key" is missing') };
    await expect(load(["a.jsonl"], {}, { idField: "key" })).rejects.toMatchObject(expected);
  });

  test("a request estimated above --max-request-tokens is one", async () => {
    write(
      "a.jsonl",
      `{"prompt":"short"}\n{"prompt":"${"long ".repeat(100)}"}\n{"prompt":"short","max_tokens":500}\n`,
    );
    const error = await load(["a.jsonl"], { maxRequestTokens: 100 }).catch((thrown) => thrown);
    expect(error.message).toMatch(
      /^2 of 3 rows.*\n.*:2 ROW_TOO_LARGE about \d+ tokens.* 100\n.*:3 ROW_TOO_LARGE/,
    );
    expect(error.hint).toContain("--max-request-tokens");
  });

  test("a raw NUL or a lone surrogate in a string does what JSON says", async () => {
    write("a.jsonl", `${prompts(200)}{"prompt":"a\\ud800\\u0000"}\n{"prompt":"a\0"}\n`);
    const error = await load(["a.jsonl"]).catch((thrown) => thrown);
    expect(error.message).toMatch(/^1 of 202 rows.*\n.*a\.jsonl:202 BAD_JSON .*unexpected "\\u0000"$/);
  });
});

describe("an input that can't be read is refused before a run begins", () => {
  test("no such file", async () => {
    const expected = { code: "INPUT_NOT_FOUND", message: expect.stringContaining("none.jsonl"), exitCode: 2 };
    await expect(hashFile(join(folder, "none.jsonl"))).rejects.toMatchObject(expected);
  });

  test("a folder", async () => {
    mkdirSync(join(folder, "sub.jsonl"));
    const expected = { code: "INPUT_UNREADABLE", message: expect.stringContaining("is a folder") };
    await expect(hashFile(join(folder, "sub.jsonl"))).rejects.toMatchObject(expected);
  });

  test("a path that goes through a file", async () => {
    const path = join(folder, write("a.jsonl", prompts(1)), "b.jsonl");
    const expected = { code: "INPUT_UNREADABLE", hint: expect.stringContaining("permissions") };
    await expect(hashFile(path)).rejects.toMatchObject(expected);
  });

  test("an unknown ending, or a template that doesn't compile", async () => {
    write("a.dat", prompts(1));
    write("a.jsonl", prompts(1));
    await expect(load(["a.jsonl", "a.dat"])).rejects.toMatchObject({ code: "UNKNOWN_FORMAT" });
    await expect(load(["a.jsonl"], {}, { template: "{{" })).rejects.toMatchObject({ code: "BAD_TEMPLATE" });
    expect(store.state).toBe("none");
  });

  test("one that changed since it was hashed", async () => {
    write("a.jsonl", prompts(3));
    const file = join(folder, "a.jsonl");
    const inputs = [{ path: "a.jsonl", file, hash: await hashFile(file) }];
    appendFileSync(file, prompts(1));
    const expected = { code: "INPUT_CHANGED", message: expect.stringContaining("a.jsonl:") };
    await expect(importRun(importRequest({ inputs, store }))).rejects.toMatchObject(expected);
    expect(store).toMatchObject({ state: "discarded", rows: [] });
  });

  test("one that changed, though its rows are still being stored: they are gone as well", async () => {
    write("a.jsonl", prompts(1));
    const input = { path: "a.jsonl", file: join(folder, "a.jsonl"), hash: "another" };
    const stored = new Promise<void>((resolve) => setTimeout(resolve, 20));
    store.storing = () => stored;
    const importing = importRun(importRequest({ inputs: [input], store, options: {}, request: {} }));
    await expect(importing).rejects.toMatchObject({ code: "INPUT_CHANGED" });
    await stored.then(() => new Promise(setImmediate));
    expect(store).toMatchObject({ state: "discarded", rows: [] });
  });

  test("a compressed file that is cut off", async () => {
    const whole = gzipSync(prompts(50_000));
    write("a.jsonl.gz", whole.subarray(0, whole.length / 2));
    await expect(load(["a.jsonl.gz"])).rejects.toMatchObject({ code: "INPUT_UNREADABLE", hint: /gzip -t/ });
    expect(store).toMatchObject({ state: "discarded", rows: [] });
  });

  test("standard input, spooled to a file, is JSONL unless --format says otherwise", async () => {
    const file = join(folder, write("stdin", prompts(2)));
    const inputs = [{ path: "-", file, hash: await hashFile(file) }];
    const { run } = await importRun(importRequest({ inputs, store }));
    expect(run.sources[0]).toMatchObject({ path: "-", format: "jsonl" });
  });
});

describe("the fixtures that people try first", () => {
  const fixture = (name: string): string => join(import.meta.dirname, "../../../fixtures", name);

  test("prompts.jsonl has 20 good rows", async () => {
    const file = fixture("prompts.jsonl");
    const { rows } = await importRun(
      importRequest({ inputs: [{ path: file, file, hash: await hashFile(file) }], store }),
    );
    expect(rows).toBe(20);
  });

  test("questions.csv has 8 good rows with --prompt-field question", async () => {
    const file = fixture("questions.csv");
    const inputs = [{ path: file, file, hash: await hashFile(file) }];
    const { rows } = await importRun(importRequest({ inputs, store, request: { promptField: "question" } }));
    expect(rows).toBe(8);
  });
});

describe("a file compressed by Zstandard", () => {
  /** 50 rows; `gzip` has its like in `zlib`, but not every Node has this. */
  const whole = readFileSync(join(import.meta.dirname, "rows.jsonl.zst"));

  test("is read through, or refused by a Node that can't, with a way to", async () => {
    write("a.jsonl.zst", whole);
    const result = await load(["a.jsonl.zst"]).catch((error: unknown) => error);
    if (result instanceof LlmBatchError) {
      expect(result.message).toContain(process.versions.node);
      expect(result.hint).toMatch(/zstd -d a\.jsonl\.zst/);
    } else expect(result).toMatchObject({ rows: 50 });
  });

  test("and cut off is refused by every Node, wherever the cut is", async () => {
    for (const bytes of [whole.length - 1, whole.length >> 1, 12]) {
      write("a.jsonl.zst", whole.subarray(0, bytes));
      await expect(load(["a.jsonl.zst"])).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
      expect(store.rows).toEqual([]);
    }
  });
});
