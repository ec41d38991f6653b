import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RequestSettings } from "../../../src/domain/request.ts";
import { hashFile, type ImportOptions, importRun } from "../../../src/input/import.ts";
import { importRequest } from "../../helpers/import-request.ts";
import { MemoryImport } from "../../helpers/memory-import.ts";

const FOLDER = join(import.meta.dirname, "../../../fixtures/bad");

interface Defect {
  code: string;
  /** What the message must say besides the file's name. */
  says: string | RegExp;
  hint: RegExp;
  request?: Partial<RequestSettings>;
  options?: Partial<ImportOptions>;
}

const DEFECTS: Record<string, Defect> = {
  "broken-json-line-7.jsonl": {
    code: "INVALID_ROWS",
    says: /:7 BAD_JSON .*column 42: unexpected "}"/,
    hint: /one JSON object a line/,
  },
  "cut-off.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 BAD_JSON .*ends too early/,
    hint: /one JSON object a line/,
  },
  "not-an-object.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 NOT_AN_OBJECT .*an array/,
    hint: /one JSON object/,
  },
  "array.json": {
    code: "UNKNOWN_FORMAT",
    says: "ends in none of .jsonl",
    hint: /jq -c .*--format|--format.*jq -c/,
  },
  "missing-field.jsonl": {
    code: "INVALID_ROWS",
    says: /:3 MISSING_FIELD .*question/,
    hint: /--prompt-field/,
  },
  "empty-prompt.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 MISSING_FIELD .*"prompt" is empty/,
    hint: /--prompt-field/,
  },
  "wrong-type.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 BAD_FIELD_TYPE .*an array/,
    hint: /correct the field/,
  },
  "empty-id.jsonl": { code: "INVALID_ROWS", says: /:2 BAD_ID .*"id" is empty/, hint: /--id-field/ },
  "no-group.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 BAD_GROUP .*"team" is missing\n.*:3 BAD_GROUP .*an object.*\n.*:4 BAD_GROUP .*is empty/,
    hint: /--budget-by/,
    options: { budgetBy: "team" },
  },
  "duplicate-id.jsonl": { code: "DUPLICATE_ID", says: /line 1.*line 3/, hint: /unique/ },
  "prompt-and-messages.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 AMBIGUOUS_ROW/,
    hint: /--prompt-field prompt/,
  },
  "batch-form.jsonl": {
    code: "INVALID_ROWS",
    says: /:1 BAD_BATCH_LINE .*"messages"/,
    hint: /./,
  },
  "unknown-field.jsonl": {
    code: "INVALID_ROWS",
    says: /:2 UNKNOWN_FIELD .*"city".*did you mean "ctiy"/,
    hint: /--template/,
    request: { template: "Where is {{city}}?" },
  },
  "latin1.jsonl": { code: "INVALID_ROWS", says: /:2 BAD_ENCODING/, hint: /iconv -f WINDOWS-1252 -t UTF-8/ },
  "latin1.csv": { code: "INVALID_ROWS", says: /:3 BAD_ENCODING/, hint: /iconv -f WINDOWS-1252 -t UTF-8/ },
  "utf-16.csv": { code: "BAD_ENCODING", says: "UTF-16", hint: /iconv -f UTF-16 -t UTF-8/ },
  "ragged.csv": {
    code: "INVALID_ROWS",
    says: /:4 RAGGED_ROW .*has 3 fields, the record 2\n.*:5 RAGGED_ROW .*the record 4/,
    hint: /in quotes/,
  },
  "empty-record.csv": { code: "INVALID_ROWS", says: /:3 EMPTY_ROW/, hint: /delete the empty records/ },
  "unclosed-quote.csv": { code: "BAD_CSV", says: ":3:", hint: /double quotes/ },
  "stray-quote.csv": { code: "BAD_CSV", says: ":3:", hint: /double quotes/ },
  "unnamed-column.csv": { code: "BAD_HEADER", says: "column 3", hint: /name/ },
  "duplicate-column.csv": { code: "BAD_HEADER", says: '"prompt"', hint: /rename/ },
  "header-only.csv": { code: "EMPTY_INPUT", says: "no rows", hint: /right file/ },
  "empty.jsonl": { code: "EMPTY_INPUT", says: "no rows", hint: /right file/ },
  "blank-lines.jsonl": { code: "EMPTY_INPUT", says: "no rows", hint: /right file/ },
  "binary.jsonl": { code: "UNKNOWN_FORMAT", says: "not a text file", hint: /UTF-8/ },
  "not-gzip.jsonl.gz": { code: "INPUT_UNREADABLE", says: "can't be read", hint: /gzip -t/ },
};

describe("every bad input is refused, says why and where, and leaves nothing behind", () => {
  test.each(Object.entries(DEFECTS))("%s", async (name, { code, says, hint, request, options }) => {
    const file = join(FOLDER, name);
    const store = new MemoryImport();
    const inputs = [{ path: name, file, hash: await hashFile(file) }];
    const importing = importRun(
      importRequest({ inputs, store, request: { ...request }, options: { ...options } }),
    );
    const message = typeof says === "string" ? expect.stringContaining(says) : expect.stringMatching(says);
    await expect(importing).rejects.toMatchObject({
      code,
      message,
      hint: expect.stringMatching(hint),
      exitCode: 2,
    });
    await expect(importing).rejects.toMatchObject({
      message: expect.stringContaining(name.includes("duplicate-id") ? "r-1" : name),
    });
    expect(store.rows).toEqual([]);
    expect(store.state).not.toBe("finished");
  });

  test("no defect is without a test", () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(DEFECTS).sort());
  });
});
