import { describe, expect, test } from "vitest";
import { commandLines } from "../../../../src/cli/text/command-line.ts";
import { fieldLines, textLines } from "../../../../src/cli/text/fields.ts";
import { fitted, span, textOf } from "../../../../src/cli/text/line.ts";
import { compact, counted, grouped, percent, short } from "../../../../src/cli/text/numbers.ts";
import { comingText, momentText, spanText, waitSpan } from "../../../../src/cli/text/times.ts";
import { columnsOf, cut, padTo, wrapWords } from "../../../../src/cli/text/width.ts";
import { shellWord } from "../../../../src/domain/shell-word.ts";

describe("numbers", () => {
  test("are grouped, or compact with three digits", () => {
    expect([0, 999, 1_234_567].map(grouped)).toEqual(["0", "999", "1,234,567"]);
    expect([950, 999.6, 12_345, 999_600, 4_500_000, 3_210_000_000].map(compact)).toEqual([
      "950",
      "1k",
      "12.3k",
      "1M",
      "4.5M",
      "3.2G",
    ]);
    expect([9_876, 12_345].map(short)).toEqual(["9,876", "12.3k"]);
  });

  test("of a share never say none or all for what isn't", () => {
    expect([0, 0.0001, 0.0123, 0.0996, 0.5, 0.9999, 1].map(percent)).toEqual([
      "0%",
      "0.1%",
      "1.2%",
      "10%",
      "50%",
      "99%",
      "100%",
    ]);
  });

  test("have a word that fits them", () => {
    expect([counted(1, "row"), counted(2_000, "row"), counted(2, "call is", "calls are")]).toEqual([
      "1 row",
      "2,000 rows",
      "2 calls are",
    ]);
  });
});

describe("times", () => {
  test("that were measured have two digits that count", () => {
    expect([12, 999.6, 1_340, 9_960, 200_000].map(spanText)).toEqual([
      "12ms",
      "1.0s",
      "1.3s",
      "10s",
      "3m 20s",
    ]);
  });

  test("to be waited are whole seconds, and never none", () => {
    expect([0, 3_001, 60_000].map(waitSpan)).toEqual(["1s", "4s", "1m"]);
  });

  test("of the day have their date unless it is today", () => {
    const noon = new Date(2026, 10, 25, 12, 0, 5).getTime();
    expect(momentText(noon)).toBe("2026-11-25 12:00:05");
    expect(comingText(noon, noon - 1_000)).toBe("12:00:05");
    expect(comingText(noon, noon - 86_400_000)).toBe("2026-11-25 12:00:05");
  });
});

describe("the width of text", () => {
  test("is counted in columns: wide characters have two, marks none", () => {
    expect(["abc", "日本", "e\u0301", "👍", "\u200b"].map(columnsOf)).toEqual([3, 4, 1, 2, 0]);
  });

  test("is kept by an ellipsis", () => {
    expect([cut("abcdef", 6), cut("abcdef", 4), cut("日本語", 4), cut("ab", 0)]).toEqual([
      "abcdef",
      "abc…",
      "日…",
      "",
    ]);
    expect(padTo("日本", 6)).toBe("日本  ");
    expect(padTo("42", 4, "right")).toBe("  42");
  });

  test("is kept by breaking between words, and within one only where it must be", () => {
    expect(wrapWords("the quick brown fox", 9)).toEqual(["the quick", "brown fox"]);
    expect(wrapWords("the quick brown fox", 9, 5)).toEqual(["the quick", "brown", "fox"]);
    expect(wrapWords("abcdefghij k", 4)).toEqual(["abcd", "efgh", "ij k"]);
  });

  test("leaves a command that is named in one piece", () => {
    expect(wrapWords("see `llm-batch runs --db a.db`, or so", 12)).toEqual([
      "see",
      "`llm-batch runs --db a.db`,",
      "or so",
    ]);
  });
});

describe("lines", () => {
  test("have no control characters of strangers in them", () => {
    expect(span("a\x1b[31mb\nc\u202ed").text).toBe("ab cd");
  });

  test("are cut over their pieces", () => {
    expect(textOf(fitted([span("abc"), span("def", "bad")], 5))).toBe("abcd…");
  });

  test("of a field keep its items together, and come under each other where they must", () => {
    const field = { label: "speed", items: [[span("118 rows/min")], [span("132 calls/min")]] };
    expect(fieldLines(field, null).map(textOf)).toEqual(["  speed      118 rows/min   132 calls/min"]);
    expect(fieldLines(field, 32).map(textOf)).toEqual([
      "  speed      118 rows/min",
      "             132 calls/min",
    ]);
  });

  test("of a field whose item had to be broken separate items alone", () => {
    const field = {
      label: "rows",
      items: [[span("21 of 400 succeeded")], [span("3 failed")]],
      separator: ", ",
    };
    expect(fieldLines(field, 28).map(textOf)).toEqual([
      "  rows       21 of 400",
      "             succeeded,",
      "             3 failed",
    ]);
  });

  test("of words keep where they begin when they are broken", () => {
    expect(textLines([span("  results.jsonl was not written")], 20, "    ").map(textOf)).toEqual([
      "  results.jsonl was",
      "    not written",
    ]);
  });

  test("of a command that had to be broken are still one command for a shell", () => {
    const command = `llm-batch export r_12345678 --partial -o ${shellWord("my results.jsonl")}`;
    expect(commandLines(command, null)).toEqual([command]);
    expect(commandLines(command, 40)).toEqual([
      "llm-batch export r_12345678 --partial \\",
      "  -o 'my results.jsonl'",
    ]);
  });

  test("of a command quote what a shell would take apart", () => {
    expect(["q-17", "a b", "it's"].map(shellWord)).toEqual(["q-17", "'a b'", `'it'\\''s'`]);
  });
});
