import { expect, test } from "vitest";
import { textOf } from "../../../../src/cli/text/line.ts";
import { type Column, table, tableLines } from "../../../../src/cli/text/table.ts";

const COLUMNS: readonly Column[] = [
  { title: "run" },
  { title: "rows", side: "right" },
  { title: "cost", side: "right", rank: 1 },
  { title: "input", isFlexible: true },
];
const RECORDS = [
  ["r_1", "1,200", "$1.24", "a-long-name-of-a-file.jsonl"],
  ["r_22", "7", "-", "b.jsonl"],
];
const printed = (window: number | null): string[] => tableLines(COLUMNS, RECORDS, window).map(textOf);

test("columns are aligned, numbers at the right", () => {
  expect(printed(null)).toEqual([
    "run    rows   cost  input",
    "r_1   1,200  $1.24  a-long-name-of-a-file.jsonl",
    "r_22      7      -  b.jsonl",
  ]);
});

test("a narrow window cuts the column that gives way", () => {
  expect(printed(40)[1]).toBe("r_1   1,200  $1.24  a-long-name-of-a-f…");
});

test("a narrower one leaves out what matters least", () => {
  expect(printed(28)).toEqual(["run    rows  input", "r_1   1,200  a-long-name-o…", "r_22      7  b.jsonl"]);
});

test("a cell is one line, whatever is in it", () => {
  expect(table(["a", "b"], [["x\ny", "\x1b[31mz"]])).toBe("a    b\nx y  z\n");
});
