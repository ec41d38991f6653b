import { describe, expect, test } from "vitest";
import type { InputForm, Source } from "../../../../src/domain/run.ts";
import { chooseFormat } from "../../../../src/output/formats/formats.ts";

const source = (form?: InputForm): Source => ({
  path: "in.jsonl",
  format: "jsonl",
  hash: "h",
  columns: null,
  form,
});

describe("the format of the results", () => {
  test.each([
    ["out.csv", "csv"],
    ["OUT.CSV", "csv"],
    ["out.tsv", "tsv"],
    ["out.parquet", "parquet"],
    ["out.jsonl", "jsonl"],
    ["out.ndjson", "jsonl"],
    ["out", "jsonl"],
    ["-", "jsonl"],
  ])("%s of rows is %s", (path, format) => {
    expect(chooseFormat(path, [source("rows")])).toBe(format);
    expect(chooseFormat(path, [source()])).toBe(format);
  });

  test.each([
    ["openai-batch", "openai"],
    ["anthropic-batch", "anthropic"],
  ] as const)("of an %s file is that batch's own, unless the ending says otherwise", (form, format) => {
    expect(chooseFormat("out.jsonl", [source(form)])).toBe(format);
    expect(chooseFormat("-", [source(form), source(form)])).toBe(format);
    expect(chooseFormat("out.csv", [source(form)])).toBe("csv");
    expect(chooseFormat("out.parquet", [source(form)])).toBe("parquet");
  });

  test("of inputs of different forms is ours", () => {
    expect(chooseFormat("-", [source("openai-batch"), source("rows")])).toBe("jsonl");
    expect(chooseFormat("-", [source("openai-batch"), source("anthropic-batch")])).toBe("jsonl");
  });

  test("is asked for where the ending says nothing, with a way to what is none", () => {
    expect(() => chooseFormat("out.json", [])).toThrow(
      expect.objectContaining({ code: "UNKNOWN_FORMAT", hint: expect.stringContaining("jq -s .") }),
    );
    expect(() => chooseFormat("out.txt", [])).toThrow(
      expect.objectContaining({ code: "UNKNOWN_FORMAT", hint: expect.stringContaining("--output-format") }),
    );
  });
});
