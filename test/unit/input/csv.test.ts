import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv } from "../../../src/input/csv.ts";
import { parseRow } from "../../../src/request/parse-row.ts";
import { chunksOf, collect } from "../../helpers/chunks.ts";

interface Wanted {
  chunkBytes?: number;
  delimiter?: string;
  maxRecordBytes?: number;
}

async function read(content: string | Buffer, { chunkBytes, delimiter = ",", maxRecordBytes }: Wanted = {}) {
  const columns: string[] = [];
  const onColumns = (names: readonly string[]): void => void columns.push(...names);
  const options = { path: "in.csv", delimiter, onColumns, ...(maxRecordBytes && { maxRecordBytes }) };
  const records = await collect(readCsv(chunksOf(content, chunkBytes), options));
  return { columns, records };
}

const rowsOf = async (content: string | Buffer, wanted?: Wanted) =>
  (await read(content, wanted)).records.map(({ line, text, error }) => [line, JSON.parse(text), error?.code]);

describe("reading CSV", () => {
  test("makes an object of each record, in the header's order", async () => {
    const { columns, records } = await read("b,a\n1,2\n");
    expect(columns).toEqual(["b", "a"]);
    expect(records).toMatchObject([{ line: 2, text: '{"b":"1","a":"2"}', error: null }]);
  });

  test("gives a record's row as it would be parsed of its text", async () => {
    const { records } = await read('b,2,constructor,__proto__\nx,"y ""z""",é,1\n,,1,\n');
    expect(records).toHaveLength(2);
    for (const { text, row } of records) {
      const parsed = parseRow(text);
      expect(row!.text).toBe(text);
      expect(row!.names()).toEqual(parsed.names());
      for (const name of [...parsed.names(), "toString", "length"]) {
        expect(row!.has(name)).toBe(parsed.has(name));
        expect(row!.value(name)).toBe(parsed.value(name));
        expect(row!.json(name)).toBe(parsed.json(name));
        expect(row!.display(name)).toBe(parsed.display(name));
      }
    }
  });

  test("says the line on which a record starts, past quoted line breaks, CRLF and empty lines", async () => {
    const content = 'a,b\r\n\r\n"1\r\n2\r\n3",x\r\n\r\n"""",y\r\n  \r\nz,z';
    for (const chunkBytes of [1, 2, 5, 100]) {
      expect(await rowsOf(content, { chunkBytes })).toEqual([
        [3, { a: "1\r\n2\r\n3", b: "x" }, undefined],
        [7, { a: '"', b: "y" }, undefined],
        [9, { a: "z", b: "z" }, undefined],
      ]);
    }
  });

  test("drops a BOM, keeps white space, and takes mixed line ends", async () => {
    expect(await rowsOf("\ufeffa,b\n 1 ,\t\r\n2,x\n")).toEqual([
      [2, { a: " 1 ", b: "\t" }, undefined],
      [3, { a: "2", b: "x" }, undefined],
    ]);
  });

  test("splits TSV at tabs, and lets quotes stand inside its fields", async () => {
    expect(await rowsOf('a\tb\n1,5\t5" pipe\n', { delimiter: "\t" })).toEqual([
      [2, { a: "1,5", b: '5" pipe' }, undefined],
    ]);
  });

  test("gives columns with the names of built-ins to the row itself", async () => {
    const { records } = await read("__proto__,constructor\nx,y\n");
    expect(records[0]!.text).toBe('{"__proto__":"x","constructor":"y"}');
  });

  test("keeps a record with too few or too many fields as it came, and reads on", async () => {
    const { records } = await read("a,b\n1\n1,2,3\n1,2\n");
    expect(records.map(({ line, text, error }) => [line, text, error?.code, error?.message])).toEqual([
      [2, '["1"]', "RAGGED_ROW", "the header has 2 fields, the record 1"],
      [3, '["1","2","3"]', "RAGGED_ROW", "the header has 2 fields, the record 3"],
      [4, '{"a":"1","b":"2"}', undefined, undefined],
    ]);
  });

  test("refuses a record in which every field is empty", async () => {
    expect(await rowsOf('a,b\n,\n"",""\n')).toEqual([
      [2, { a: "", b: "" }, "EMPTY_ROW"],
      [3, { a: "", b: "" }, "EMPTY_ROW"],
    ]);
  });

  test("finds records that are not UTF-8 on any of their lines, and reads on", async () => {
    const content = Buffer.from('a,b\n1,"x\ncaf\xe9\n"\n2,y\n3,\xe9\n4,z', "latin1");
    for (const chunkBytes of [1, 7, 100]) {
      expect((await rowsOf(content, { chunkBytes })).map(([line, , code]) => [line, code])).toEqual([
        [2, "BAD_ENCODING"],
        [5, undefined],
        [6, "BAD_ENCODING"],
        [7, undefined],
      ]);
    }
  });

  test("reads lines, and fields of many lines, that are longer than what its parser gets at once", async () => {
    const long = '"'.repeat(40_000);
    const lines = 'é,"\r\n'.repeat(20_000);
    const rows = [long, `x${long}`, lines, "end"];
    const content = `a,b\r\n${rows.map((text) => `1,${quote(text)}\r\n`).join("")}`;
    expect(await rowsOf(content, { chunkBytes: 64 * 1024 })).toEqual([
      [2, { a: "1", b: long }, undefined],
      [3, { a: "1", b: `x${long}` }, undefined],
      [4, { a: "1", b: lines }, undefined],
      [20_005, { a: "1", b: "end" }, undefined],
    ]);
  });

  test("an input with a header alone, or nothing, has no records", async () => {
    expect((await read("a,b\n")).records).toEqual([]);
    expect((await read("")).records).toEqual([]);
  });

  test("gives any table back, written by RFC 4180 and cut anywhere", async () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom('"', '""', ",", "\n", "\r\n", " ", "\r"),
    );
    const table = fc.integer({ min: 2, max: 4 }).chain((width) => {
      const record = fc.array(cell, { minLength: width, maxLength: width });
      return fc.array(record.filter((fields) => fields.some((field) => field !== "")));
    });
    const ends = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(table, ends, fc.integer({ min: 1, max: 40 }), async (records, end, chunkBytes) => {
        const names = records[0]?.map((_, index) => `c${index}`) ?? ["c0", "c1"];
        const content = [names, ...records].map((fields) => fields.map(quote).join(",") + end).join("");
        const rows = await rowsOf(content, { chunkBytes });
        expect(rows.map(([, row]) => Object.values(row))).toEqual(records);
      }),
      { numRuns: 300 },
    );
  });
});

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

describe("what makes the rest of a CSV unreadable ends it with an error", () => {
  test.each([
    [
      "a quote that is never closed",
      'a,b\n1,2\n3,"4\n5,6\n',
      "BAD_CSV",
      "in.csv:3: can't be read from here on: a quote is opened and never closed",
    ],
    [
      "text after a closing quote",
      'a,b\n1,"2" x\n',
      "BAD_CSV",
      "in.csv:2: can't be read from here on: text follows a closing quote",
    ],
    ["a quote inside an open field", 'a,b\n1,2\n1,5" pipe\n', "BAD_CSV", "in.csv:3:"],
    ["a record that goes on for too long", `a,b\n1,"${"x\n".repeat(2_000)}`, "BAD_CSV", "in.csv:2:"],
    ["a line that goes on for too long", `a,b\n1,${"x".repeat(5_000)}\n`, "BAD_CSV", "in.csv:2:"],
    ["a column without a name", "a,,c\n", "BAD_HEADER", "in.csv:1: column 2"],
    ["two columns of one name", "\na,b,a\n", "BAD_HEADER", 'in.csv:2: two columns are called "a"'],
    [
      "a header that isn't UTF-8",
      Buffer.from("caf\xe9,b\n", "latin1"),
      "BAD_ENCODING",
      "in.csv:1: the header",
    ],
  ])("%s", async (_, content, code, place) => {
    const expected = { code, message: expect.stringContaining(place), hint: expect.stringMatching(/\w/) };
    await expect(read(content, { chunkBytes: 100, maxRecordBytes: 1_000 })).rejects.toMatchObject(expected);
  });

  test("a line that is too long within its quotes is to be shortened", async () => {
    const reading = read(`a,b\n1,"${"x".repeat(5_000)}"\n`, { chunkBytes: 100, maxRecordBytes: 1_000 });
    await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(/^shorten the field/) });
  });
});

describe("a header of one column in which another separator stands", () => {
  test.each([
    ["id;question\n1;x\n", ",", "--delimiter ';'"],
    ["id\tquestion\n1\tx\n", ",", "--delimiter tab"],
    ["id|question\n1|x\n", ",", "--delimiter '|'"],
    ["id,question\n1,x\n", "\t", "--delimiter ','"],
    ['"id";"question"\n"1";"x"\n', ",", "--delimiter ';'"],
    ['id;"my question"\n1;x\n', ",", "--delimiter ';'"],
  ])("%j is refused, and the hint names it", async (content, delimiter, flag) => {
    await expect(read(content, { delimiter })).rejects.toMatchObject({
      code: expect.stringMatching(/^BAD_(HEADER|CSV)$/),
      hint: expect.stringContaining(flag),
    });
  });

  test("is taken where the user has named the separator", async () => {
    const options = { path: "in.csv", onColumns: () => {}, delimiter: ",", isDelimiterGiven: true };
    const records = await collect(readCsv(chunksOf("a;b\nx\n"), options));
    expect(records.map(({ text }) => text)).toEqual(['{"a;b":"x"}']);
  });

  test("and with the separator named the file is read", async () => {
    expect(await rowsOf('a;b\n"x;y";1,5\n', { delimiter: ";" })).toEqual([
      [2, { a: "x;y", b: "1,5" }, undefined],
    ]);
  });
});
