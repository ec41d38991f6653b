import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROW_ERRORS } from "../../src/input/row-errors.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(ROOT, "docs/ERRORS.md");
const ROWS = /(<!-- rows:begin[^\n]*-->\n)[\s\S]*?(<!-- rows:end -->)/;

/** Where a code is written down: an error's or outcome's field, a type of codes, a row error, and those of transport. */
const ERROR_CODE = /(?:\bcode: |^\s*\| |RowError\(\s*)"([A-Z][A-Z_]+)"/gm;
const CALL_CODE = /(?:\bcode: |#fail\()"([a-z][a-z_]+)"/gm;
/** Reasons of another program's list, and what is no error. */
const NOT_CODES = ["ok"];

describe("docs/ERRORS.md", () => {
  test("names every code of an error, and none that there isn't", () => {
    const codes = [...codesIn("", ERROR_CODE), ...Object.keys(ROW_ERRORS), "CRASHED"];
    expect(onPage(/^[A-Z]/)).toEqual(sorted(codes));
  });

  test("names every code of a call that is ours, and none that there isn't", () => {
    const codes = ["provider", "answer", "store"].flatMap((folder) => codesIn(folder, CALL_CODE));
    const transport = readFileSync(join(ROOT, "src/provider/http/transport-codes.ts"), "utf8");
    const named = [...transport.matchAll(/^\s*(?:\[.*, )?"([a-z_]+)"\]?,$/gm)].map((match) => match[1]!);
    const ours = [...codes, ...named, "network", "redirect", "content_filter", "refusal"];
    expect(onPage(/^[a-z]/)).toEqual(sorted(ours.filter((code) => !NOT_CODES.includes(code))));
  });

  test("explains the codes of rows as the program does", () => {
    const page = readFileSync(PAGE, "utf8");
    const expected = page.replace(ROWS, (_, begin, end) => `${begin}${rowTable()}${end}`);
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, expected);
    else expect(page).toBe(expected);
  });
});

function rowTable(): string {
  const rows = Object.entries(ROW_ERRORS).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return ["", "| code | meaning | what to do |", "| --- | --- | --- |", ...rows, "", ""].join("\n");
}

/** Codes stand in the first column. A code of the input that is one of rows too stands in both tables. */
function onPage(form: RegExp): string[] {
  const codes = [...readFileSync(PAGE, "utf8").matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!);
  return sorted(codes.filter((code) => form.test(code)));
}

function codesIn(folder: string, form: RegExp): string[] {
  const path = join(ROOT, "src", folder);
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.flatMap((file) =>
    [...readFileSync(join(path, file), "utf8").matchAll(form)].map((match) => match[1]!),
  );
}

function sorted(codes: readonly string[]): string[] {
  return [...new Set(codes)].sort();
}
