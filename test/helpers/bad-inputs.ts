/** What is wrong with a file of `fixtures/bad`, as the user must be told. */
export interface Defect {
  code: string;
  /** What the error must say: place and value. */
  says: RegExp;
  hint: RegExp;
  flags?: string[];
  /** Whether the run names a model; default true. */
  withModel?: boolean;
}

const ROWS = "INVALID_ROWS";

/** Lines that are no rows. */
const BROKEN_LINES: Record<string, Defect> = {
  "broken-json-line-7.jsonl": {
    code: ROWS,
    says: /:7 BAD_JSON .*column 42: unexpected "}"/,
    hint: /one JSON object a line/,
  },
  "cut-off.jsonl": { code: ROWS, says: /:2 BAD_JSON .*ends too early/, hint: /one JSON object a line/ },
  "pretty-printed.jsonl": {
    code: ROWS,
    says: /:1 BAD_JSON .*column 2: the text ends too early/,
    hint: /without line breaks inside/,
  },
  "not-a-number.jsonl": {
    code: ROWS,
    says: /:1 BAD_JSON .*column 30: unexpected "N"/,
    hint: /one JSON object a line/,
  },
  "single-quotes.jsonl": {
    code: ROWS,
    says: /:1 BAD_JSON .*column 2: unexpected "'"/,
    hint: /one JSON object a line/,
  },
  "not-an-object.jsonl": { code: ROWS, says: /:2 NOT_AN_OBJECT .*an array/, hint: /one JSON object/ },
  "latin1.jsonl": { code: ROWS, says: /:2 BAD_ENCODING/, hint: /iconv -f WINDOWS-1252 -t UTF-8/ },
};

/** Files that are not what their names say, or nothing that can be read. */
const WRONG_FILES: Record<string, Defect> = {
  "cut-off.json": { code: ROWS, says: /:4 BAD_JSON .*ends too early/, hint: /--format json of a list/ },
  "trailing-comma.json": { code: ROWS, says: /:3 BAD_JSON .*unexpected "]"/, hint: /comma before its end/ },
  "wrapped.json": { code: ROWS, says: /:1 WRAPPED_ROWS .*"data" is a list of 2/, hint: /jq -c '\.data\[\]'/ },
  "whole-batch.jsonl": { code: ROWS, says: /:1 BAD_BATCH_LINE .*--format json reads each/, hint: /"params"/ },
  "lines.txt": {
    code: "UNKNOWN_FORMAT",
    says: /lines\.txt: ends in none/,
    hint: /jq -Rc '\{prompt: \.\}' .*lines\.txt/,
  },
  "workbook.xlsx": {
    code: "UNKNOWN_FORMAT",
    says: /workbook\.xlsx: ends in none/,
    hint: /save it as CSV.*--format/,
  },
  "binary.jsonl": {
    code: "UNKNOWN_FORMAT",
    says: /binary\.jsonl: is not a text file/,
    hint: /UTF-8/,
  },
  "compressed.jsonl": {
    code: "UNKNOWN_FORMAT",
    says: /compressed\.jsonl: is not a text file/,
    hint: /must end in \.gz/,
  },
  "not-gzip.jsonl.gz": {
    code: "INPUT_UNREADABLE",
    says: /not-gzip\.jsonl\.gz: can't be read/,
    hint: /gzip -t/,
  },
  "cut-off.jsonl.gz": {
    code: "INPUT_UNREADABLE",
    says: /cut-off\.jsonl\.gz: can't be read/,
    hint: /gzip -t/,
  },
  "empty.jsonl": { code: "EMPTY_INPUT", says: /empty\.jsonl: has no rows/, hint: /right file/ },
  "blank-lines.jsonl": { code: "EMPTY_INPUT", says: /blank-lines\.jsonl: has no rows/, hint: /right file/ },
  "header-only.csv": { code: "EMPTY_INPUT", says: /header-only\.csv: has no rows/, hint: /right file/ },
  "utf-16.csv": { code: "BAD_ENCODING", says: /UTF-16/, hint: /iconv -f UTF-16 -t UTF-8/ },
};

/** Rows that hold no prompt, or an unfit one. */
const UNFIT_ROWS: Record<string, Defect> = {
  "missing-field.jsonl": { code: ROWS, says: /:3 MISSING_FIELD .*question/, hint: /--prompt-field/ },
  "empty-prompt.jsonl": { code: ROWS, says: /:2 MISSING_FIELD .*"prompt" is empty/, hint: /--prompt-field/ },
  "blank-cell.csv": {
    code: ROWS,
    says: /:3 MISSING_FIELD .*an empty prompt/,
    hint: /--template/,
    flags: ["--template", "{{question}}"],
  },
  "wrong-type.jsonl": { code: ROWS, says: /:2 BAD_FIELD_TYPE .*an array/, hint: /correct the field/ },
  "prompt-and-messages.jsonl": { code: ROWS, says: /:2 AMBIGUOUS_ROW/, hint: /--prompt-field prompt/ },
  "empty-messages.jsonl": { code: ROWS, says: /:1 MISSING_FIELD .*"messages" is empty/, hint: /field/ },
  "no-role.jsonl": {
    code: ROWS,
    says: /:1 BAD_FIELD_TYPE messages\[1\] .*"role"/,
    hint: /correct the field/,
  },
  "messages-to-embed.jsonl": {
    code: ROWS,
    says: /:2 UNSUPPORTED_ROW .*"messages"/,
    hint: /choose another --api/,
    flags: ["--api", "embeddings"],
  },
  "sound.jsonl": {
    code: ROWS,
    says: /:1 NO_EQUIVALENT messages\[0\]\.content\[0\], of type "input_audio"/,
    hint: /--api/,
    flags: ["--api", "responses"],
  },
  "unknown-field.jsonl": {
    code: ROWS,
    says: /:2 UNKNOWN_FIELD .*"city".*did you mean "ctiy"/,
    hint: /--template/,
    flags: ["--template", "Where is {{city}}?"],
  },
  "broken-cell.csv": {
    code: ROWS,
    says: /:3 BAD_JSON_FIELD the field "messages" .* character 34: unexpected "]", in .*"Hi"]/,
    hint: /those in it are doubled/,
  },
  "temperature-word.csv": {
    code: ROWS,
    says: /:3 BAD_FIELD_TYPE .*"temperature" is "hot", not a number/,
    hint: /correct the field/,
  },
  "zero-max-tokens.jsonl": {
    code: ROWS,
    says: /:1 BAD_FIELD_TYPE .*"max_tokens" is 0, not a whole number above 0/,
    hint: /correct the field/,
  },
  "numeric-model.jsonl": {
    code: ROWS,
    says: /:2 BAD_FIELD_TYPE .*"model" is 4, not a string/,
    hint: /correct the field/,
  },
  "too-large.jsonl": {
    code: ROWS,
    says: /:2 ROW_TOO_LARGE about 2\d\d tokens, above --max-request-tokens 100/,
    hint: /--max-request-tokens/,
    flags: ["--max-request-tokens", "100"],
  },
  "no-group.jsonl": {
    code: ROWS,
    says: /:2 BAD_GROUP .*"team" is missing\n.*:3 BAD_GROUP .*an object.*\n.*:4 BAD_GROUP .*is empty/,
    hint: /--budget-by/,
    flags: ["--budget-by", "team"],
  },
};

const BAD_IDS: Record<string, Defect> = {
  "empty-id.jsonl": { code: ROWS, says: /:2 BAD_ID .*"id" is empty/, hint: /--id-field/ },
  "object-id.jsonl": { code: ROWS, says: /:1 BAD_ID .*"id" is an object/, hint: /--id-field/ },
  "half-a-character-id.jsonl": { code: ROWS, says: /:1 BAD_ID .*half a character/, hint: /--id-field/ },
  "duplicate-id.jsonl": { code: "DUPLICATE_ID", says: /"r-1".*line 1.*line 3/, hint: /an id of its own/ },
};

const BATCH_LINES: Record<string, Defect> = {
  "batch-form.jsonl": { code: ROWS, says: /:1 BAD_BATCH_LINE .*needs "messages"/, hint: /"body": \{…\}/ },
  "no-body.jsonl": { code: ROWS, says: /:2 BAD_BATCH_LINE .*no "body"/, hint: /"body": \{…\}/ },
  "get-method.jsonl": { code: ROWS, says: /:1 BAD_BATCH_LINE .*"method" is "GET"/, hint: /"POST"/ },
  "no-custom-id.jsonl": { code: ROWS, says: /:2 BAD_ID .*"custom_id" .*missing/, hint: /id/ },
  "unknown-url.jsonl": {
    code: ROWS,
    says: /:2 UNKNOWN_URL .*"\/v1\/chat\/completion"; did you mean \/v1\/chat\/completions/,
    hint: /\/v1\/embeddings/,
  },
  "streamed.jsonl": { code: ROWS, says: /:1 STREAMED_ANSWER .*"body\.stream"/, hint: /take "stream"/ },
  "no-max-tokens.jsonl": { code: ROWS, says: /:1 BAD_BATCH_LINE .*"max_tokens"/, hint: /"params": \{…\}/ },
  "no-model.jsonl": { code: ROWS, says: /:1 MISSING_MODEL/, hint: /--model/, withModel: false },
  "mixed-forms.jsonl": { code: ROWS, says: /:2 MIXED_FORMS .*OpenAI batch file/, hint: /files of their own/ },
  "batch-line-and-flag.jsonl": {
    code: "OPTION_NOT_APPLICABLE",
    says: /batch-line-and-flag\.jsonl:1: --temperature/,
    hint: /leave --temperature out/,
    flags: ["--temperature", "1"],
  },
};

const CSV: Record<string, Defect> = {
  "ragged.csv": {
    code: ROWS,
    says: /:4 RAGGED_ROW .*has 3 fields, the record 2\n.*:5 RAGGED_ROW .*the record 4/,
    hint: /in quotes/,
  },
  "empty-record.csv": { code: ROWS, says: /:3 EMPTY_ROW/, hint: /delete the empty records/ },
  "latin1.csv": { code: ROWS, says: /:3 BAD_ENCODING/, hint: /iconv -f WINDOWS-1252 -t UTF-8/ },
  "unclosed-quote.csv": { code: "BAD_CSV", says: /:3: .*never closed/, hint: /double quotes/ },
  "stray-quote.csv": { code: "BAD_CSV", says: /:3: .*text follows a closing quote/, hint: /double quotes/ },
  "unnamed-column.csv": { code: "BAD_HEADER", says: /:1: column 3/, hint: /name/ },
  "duplicate-column.csv": { code: "BAD_HEADER", says: /:1: .*"prompt"/, hint: /rename/ },
  "latin1-header.csv": { code: "BAD_ENCODING", says: /:1: the header is not valid UTF-8/, hint: /iconv/ },
  "semicolons.csv": {
    code: "BAD_HEADER",
    says: /:1: .*a single column, "id;question"/,
    hint: /semicolons.*--delimiter ';'/,
  },
  "quoted-semicolons.csv": {
    code: "BAD_CSV",
    says: /:1: .*text follows a closing quote/,
    hint: /semicolons.*--delimiter ';'/,
  },
  "tabs.csv": { code: "BAD_HEADER", says: /:1: .*"id\\tquestion"/, hint: /tabs.*--delimiter tab/ },
  "commas.tsv": { code: "BAD_HEADER", says: /:1: .*"id,question"/, hint: /commas.*--delimiter ','/ },
  "excel-note.csv": { code: "BAD_HEADER", says: /:1: .*a note to Excel/, hint: /delete the line/ },
  "cr-only.csv": { code: "EMPTY_INPUT", says: /cr-only\.csv: .*carriage return/, hint: /tr '\\r' '\\n'/ },
};

/** By the file's name: every file of the folder has its entry. */
export const BAD_INPUTS: Readonly<Record<string, Defect>> = {
  ...BROKEN_LINES,
  ...WRONG_FILES,
  ...UNFIT_ROWS,
  ...BAD_IDS,
  ...BATCH_LINES,
  ...CSV,
};
