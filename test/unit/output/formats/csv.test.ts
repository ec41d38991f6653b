import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Source } from "../../../../src/domain/run.ts";
import { CsvFormat } from "../../../../src/output/formats/csv.ts";
import { cellWriter, type Separator } from "../../../../src/output/formats/csv-cell.ts";
import { findInputColumns } from "../../../../src/output/formats/input-columns.ts";
import { toTableRow } from "../../../../src/output/formats/table-row.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import { resultRow } from "../../../helpers/result-rows.ts";

const RESULT_COLUMNS =
  "llm_status,llm_output,llm_error,llm_model,llm_input_tokens,llm_output_tokens,llm_cost_usd,llm_attempts";

const csvSource = (...columns: string[]): Source => ({ path: "in.csv", format: "csv", hash: "h", columns });
const jsonlSource: Source = { path: "in.jsonl", format: "jsonl", hash: "h", columns: null };

interface Options {
  separator?: Separator;
  withSample?: boolean;
  withSharing?: boolean;
  escapeFormulas?: boolean;
  answerFields?: string[];
  columnPrefix?: string;
  isWhole?: boolean;
}

async function write(
  sources: Source[],
  rows: ResultRow[],
  { isWhole = true, ...options }: Options = {},
): Promise<string> {
  async function* pages() {
    yield rows.map(toTableRow);
  }
  const columns = await findInputColumns(sources, pages(), isWhole);
  const format = new CsvFormat(columns, {
    separator: ",",
    withSample: false,
    withSharing: false,
    escapeFormulas: false,
    answerFields: [],
    columnPrefix: null,
    ...options,
  });
  return format.begin() + format.rows(rows) + format.end();
}

describe("results as CSV", () => {
  test("have the input's columns as they came, then the result's", async () => {
    const rows = [
      resultRow({ row: '{"b":"1","a":"x, \\"y\\"\\nz"}' }),
      resultRow({
        row: '{"b":"2","a":""}',
        state: "failed",
        output: null,
        errorCode: "http_400",
        errorMessage: "no",
        model: null,
        inputTokens: null,
        outputTokens: null,
        costUsd: null,
        attempts: 2,
      }),
    ];
    expect(await write([csvSource("b", "a")], rows)).toBe(
      `b,a,${RESULT_COLUMNS}\n` +
        '1,"x, ""y""\nz",succeeded,Hi.,,m-2026,10,3,0.0001,1\n' +
        "2,,failed,,http_400: no,,,,,2\n",
    );
  });

  test("of JSONL have the id and every field that any row has, numbers as they stand", async () => {
    const rows = [
      resultRow({ key: "row-1", row: '{"n":12345678901234567890,"o":{"b": 1.0},"s":"x"}', output: "[1.0]" }),
      resultRow({ key: "k", row: '{"id":"k","z":true,"s":null}' }),
      resultRow({ key: "row-3", row: '"not JSON at all"' }),
    ];
    const [header, ...lines] = (await write([jsonlSource], rows)).trim().split("\n");
    expect(header).toBe(`id,n,o,s,z,${RESULT_COLUMNS}`);
    expect(lines[0]).toBe(
      'row-1,12345678901234567890,"{""b"": 1.0}",x,,succeeded,[1.0],,m-2026,10,3,0.0001,1',
    );
    expect(lines[1]).toMatch(/^k,,,,true,succeeded,/);
    expect(lines[2]).toMatch(/^row-3,,,,,succeeded,/);
  });

  test("of JSONL whose fields were noted have those, but of some rows their own alone", async () => {
    const source = { ...jsonlSource, fields: ["b", "id", "a"] };
    const rows = [resultRow({ key: "row-1", row: '{"a":"x"}' })];
    expect(await write([source], rows)).toMatch(/^id,b,a,llm_status,.*\nrow-1,,x,succeeded,/);
    expect(await write([source], rows, { isWhole: false })).toMatch(
      /^id,a,llm_status,.*\nrow-1,x,succeeded,/,
    );
    expect(await write([csvSource("c"), source], rows)).toMatch(/^id,c,b,a,llm_status,/);
    expect(await write([jsonlSource, source], rows)).toMatch(/^id,a,llm_status,/);
  });

  test("of several inputs have the columns of all", async () => {
    const rows = [
      resultRow({ row: '{"a":"1","b":"2"}' }),
      resultRow({ source: 1, row: '{"b":"3","c":"4"}' }),
    ];
    const [header, first, second] = (await write([csvSource("a", "b"), csvSource("b", "c")], rows)).split(
      "\n",
    );
    expect(header).toMatch(/^a,b,c,llm_status,/);
    expect(first).toMatch(/^1,2,,succeeded,/);
    expect(second).toMatch(/^,3,4,succeeded,/);
  });

  test("show a ragged record as it came, as far as it fits its own header", async () => {
    const rows = [resultRow({ row: '["1"]' }), resultRow({ source: 1, row: '["1","2","3"]' })];
    const [, first, second] = (await write([csvSource("a", "b"), csvSource("b", "c")], rows)).split("\n");
    expect(first).toMatch(/^1,,,succeeded,/);
    expect(second).toMatch(/^,1,2,succeeded,/);
  });

  test("take the place of an earlier run's results, so that no name stands twice", async () => {
    const row = '{"q":"x","llm_output":"old","z":"y"}';
    const [header, line] = (await write([csvSource("q", "llm_output", "z")], [resultRow({ row })])).split(
      "\n",
    );
    expect(header).toBe(`q,z,${RESULT_COLUMNS}`);
    expect(line).toMatch(/^x,y,succeeded,Hi\.,/);
  });

  test("stand beside an earlier run's under a prefix of their own", async () => {
    const rows = [resultRow({ row: '{"q":"x","llm_output":"old"}', output: '{"n":1}' })];
    const options = { columnPrefix: "b_", answerFields: ["n"] };
    const [header, line] = (await write([csvSource("q", "llm_output")], rows, options)).split("\n");
    expect(header).toBe(`q,llm_output,${RESULT_COLUMNS.replaceAll("llm_", "b_")},b_output.n`);
    expect(line).toMatch(/^x,old,succeeded,/);
  });

  test("keep spreadsheets from seeing formulas where that is asked for", async () => {
    const rows = [resultRow({ row: '{"a":"=1+1"}', output: '"@x"' })];
    expect((await write([csvSource("a")], rows, { escapeFormulas: true })).split("\n")[1]).toMatch(
      /^'=1\+1,succeeded,'@x,/,
    );
    expect((await write([csvSource("a")], rows)).split("\n")[1]).toMatch(/^=1\+1,succeeded,@x,/);
  });

  test("have a column for each field of the answers where that is asked for", async () => {
    const answers = ['{"n":1.50,"t":"a, =b","l":["x"],"o":null}', '{"t":""}', '"{"', "null"];
    const rows = answers.map((output) => resultRow({ row: '{"a":"x"}', output }));
    const written = await write([csvSource("a", "llm_output.t")], rows, {
      answerFields: ["t", "n", "l", "o"],
    });
    const [header, ...lines] = parse(written) as string[][];
    expect(header!.join()).toBe(`a,${RESULT_COLUMNS},llm_output.t,llm_output.n,llm_output.l,llm_output.o`);
    expect(lines.map((line) => line.slice(-4))).toEqual([
      ["a, =b", "1.50", '["x"]', ""],
      ["", "", "", ""],
      ["", "", "", ""],
      ["", "", "", ""],
    ]);
    const [, line] = (
      await write([csvSource("a")], rows, { separator: "\t", answerFields: ["t", "n"] })
    ).split("\n");
    expect(line).toMatch(/\ta, =b\t1\.50$/);
  });

  test("of several answers a row say which one each is", async () => {
    const rows = [resultRow({ row: '{"a":"x"}' }), resultRow({ row: '{"a":"x"}', sample: 2 })];
    const lines = (await write([csvSource("a")], rows, { withSample: true })).split("\n");
    expect(lines[0]).toBe(`a,llm_sample,${RESULT_COLUMNS}`);
    expect(lines.slice(1, 3)).toEqual([
      expect.stringMatching(/^x,1,succeeded,/),
      expect.stringMatching(/^x,2,succeeded,/),
    ]);
  });

  test("of a run that shares answers say whose a row has", async () => {
    const answeredBy = { run: "r_1", key: "q-1", sample: 2 };
    const rows = [resultRow({ row: '{"a":"x"}' }), resultRow({ row: '{"a":"x"}', answeredBy })];
    const lines = (await write([csvSource("a")], rows, { withSharing: true })).split("\n");
    expect(lines[0]).toBe(`a,${RESULT_COLUMNS},llm_answered_by`);
    expect(lines[1]).toMatch(/,1,$/);
    expect(lines[2]).toMatch(/,1,r_1\/q-1#2$/);
  });

  test.each([",", "\t"] as const)(
    "between %j give any input and output back to a CSV reader",
    async (separator) => {
      const piece = fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom('"', ",", "\n", "\r\n", "\r", " ", "\uFEFF", "'", "\t", "\0"),
      );
      const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
      const row = fc.record({ input: text, other: text, output: text, message: text });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (wanted) => {
          const results = wanted.map(({ input, other, output, message }) =>
            resultRow({
              row: JSON.stringify({ a: input, b: other }),
              output: JSON.stringify(output),
              errorCode: "x",
              errorMessage: message,
            }),
          );
          const csv = await write([csvSource("a", "b")], results, { separator });
          const form = { columns: true, record_delimiter: "\n", delimiter: separator } as const;
          const parsed = parse(csv, form) as Record<string, string>[];
          expect(parsed).toMatchObject(
            wanted.map(({ input, other, output, message }) => ({
              a: input,
              b: other,
              llm_output: output,
              llm_error: `x: ${message}`,
              llm_status: "succeeded",
            })),
          );
        }),
        { numRuns: 500 },
      );
    },
  );

  test("are quoted as another writer of CSV quotes them", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({
        unit: fc.constantFrom(
          '"',
          ",",
          "\n",
          "\r",
          " ",
          "'",
          "\t",
          "=",
          "-",
          "+",
          "@",
          "\uFF1D",
          "\uFF20",
          "a",
        ),
      }),
    );
    fc.assert(
      fc.property(text, (given) => {
        for (const separator of [",", "\t"] as const) {
          const other = { delimiter: separator };
          expect(`${cellWriter(separator, false)(given)}\n`).toBe(stringify([[given]], other));
          const harmless = stringify([[given]], { ...other, escape_formulas: true });
          expect(`${cellWriter(separator, true)(given)}\n`).toBe(harmless);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
