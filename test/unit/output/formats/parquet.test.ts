import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParquetFormat } from "../../../../src/output/formats/parquet.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import { anyCharacter } from "../../../helpers/any-character.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { parquetTypes, readParquet, rowGroups } from "../../../helpers/read-parquet.ts";
import { resultRow } from "../../../helpers/result-rows.ts";

const NOTHING: Partial<ResultRow> = {
  state: "pending",
  output: null,
  httpStatus: null,
  model: null,
  provider: null,
  finishReason: null,
  inputTokens: null,
  cachedInputTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  costUsd: null,
  attempts: 0,
  latencyMs: null,
};

/** Writes rows, a page after the other, and gives the file's path and the size of each part. */
function write(...pages: ResultRow[][]): { path: string; sizes: number[] } {
  return writeWith(new ParquetFormat({ withEmbedding: false }), pages);
}

function writeWith(format: ParquetFormat, pages: readonly ResultRow[][]): { path: string; sizes: number[] } {
  const parts = [format.begin(), ...pages.map((rows) => format.rows(rows)), format.end()];
  const path = join(tempFolder(), "out.parquet");
  writeFileSync(path, Buffer.concat(parts));
  return { path, sizes: parts.map(({ length }) => length) };
}

describe("results as Parquet", () => {
  test("have a typed column for each figure, and the row as JSON", async () => {
    const failed = { state: "failed", errorCode: "http_500", errorMessage: "no", httpStatus: 500 } as const;
    const { path } = write([resultRow({ output: "[1.0]" }), resultRow({ ...NOTHING, ...failed, sample: 2 })]);
    expect(await parquetTypes(path)).toEqual({
      id: "VARCHAR",
      sample: "INTEGER",
      status: "VARCHAR",
      output: "VARCHAR",
      error_code: "VARCHAR",
      error_message: "VARCHAR",
      http_status: "INTEGER",
      model: "VARCHAR",
      provider: "VARCHAR",
      finish_reason: "VARCHAR",
      input_tokens: "BIGINT",
      cached_input_tokens: "BIGINT",
      output_tokens: "BIGINT",
      reasoning_tokens: "BIGINT",
      cost_usd: "DOUBLE",
      attempts: "INTEGER",
      latency_ms: "BIGINT",
      answered_by: "VARCHAR",
      input: "VARCHAR",
    });
    const [first, second] = await readParquet(path);
    expect(first).toMatchObject({ status: "succeeded", output: "[1.0]", input: '{"prompt":"Hello?"}' });
    expect(first).toMatchObject({ input_tokens: 10n, cost_usd: 0.0001, attempts: 1, latency_ms: 812n });
    expect(second).toMatchObject({ sample: 2, status: "failed", output: null, error_code: "http_500" });
    expect(second).toMatchObject({ http_status: 500, input_tokens: null, cost_usd: null, model: null });
  });

  test("without a row are a file with columns all the same", async () => {
    const { path } = write();
    expect(await readParquet(path)).toEqual([]);
    expect(Object.keys(await parquetTypes(path))).toContain("output");
  });

  test("are written a row group at a time, and come back in order", async () => {
    const rows = Array.from({ length: 120_000 }, (_, index) => resultRow({ key: `q-${index}` }));
    const pages = Array.from({ length: 60 }, (_, page) => rows.slice(page * 2_000, (page + 1) * 2_000));
    const { path, sizes } = write(...pages);
    expect(await rowGroups(path)).toEqual([50_000, 50_000, 20_000]);
    expect(sizes.filter((size) => size > 0).length).toBe(4);
    expect((await readParquet(path)).map(({ id }) => id)).toEqual(rows.map(({ key }) => key));
  });

  test("of long texts have smaller row groups", async () => {
    const output = JSON.stringify("x".repeat(1024 * 1024));
    const pages = Array.from({ length: 40 }, () => [resultRow({ output })]);
    expect(await rowGroups(write(...pages).path)).toEqual(Array(10).fill(4));
  });

  test("of embeddings have them as lists of numbers, and what is none as text", async () => {
    const vector = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 });
    const vectors = fc.sample(vector, 30).map((numbers) => JSON.parse(JSON.stringify(numbers)) as number[]);
    const rows = vectors.map((numbers) => resultRow({ output: JSON.stringify(numbers) }));
    const others = [resultRow({ output: '"AAAA"' }), resultRow({ output: "[[1],[2]]" }), resultRow(NOTHING)];
    const format = new ParquetFormat({ withEmbedding: true });
    const { path } = writeWith(format, [rows, others]);
    expect(await parquetTypes(path)).toMatchObject({ output: "VARCHAR", embedding: "DOUBLE[]" });
    const read = await readParquet(path);
    expect(read.map(({ embedding }) => (embedding as { items: number[] } | null)?.items ?? null)).toEqual([
      ...vectors,
      ...[null, null, null],
    ]);
    expect(read.slice(-4).map(({ output }) => output)).toEqual([null, "AAAA", "[[1],[2]]", null]);
  });

  test("give any texts and figures back", async () => {
    const text = fc.string({ unit: anyCharacter, maxLength: 20 });
    const figure = fc.option(fc.maxSafeNat(), { nil: null });
    const row = fc.record({
      key: text,
      output: fc.option(
        text.map((value) => JSON.stringify(value)),
        { nil: null },
      ),
      errorMessage: fc.option(text, { nil: null }),
      inputTokens: figure,
      latencyMs: figure,
      costUsd: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null }),
      row: fc.jsonValue().map((value) => JSON.stringify(value)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (wanted) => {
        const { path } = write(wanted.map((one) => resultRow(one)));
        expect(await readParquet(path)).toMatchObject(
          wanted.map((one) => ({
            id: one.key,
            output: one.output === null ? null : JSON.parse(one.output),
            error_message: one.errorMessage,
            input_tokens: one.inputTokens === null ? null : BigInt(one.inputTokens),
            latency_ms: one.latencyMs === null ? null : BigInt(one.latencyMs),
            cost_usd: one.costUsd,
            input: one.row,
          })),
        );
      }),
      { numRuns: 60 },
    );
  });
});
