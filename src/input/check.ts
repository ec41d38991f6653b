import type { RequestSettings } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import type { InputForm } from "../domain/run.ts";
import type { ImportRow } from "../ports/import.ts";
import { type BuildRequest, compileRequest } from "../request/compile-request.ts";
import { parseRow } from "../request/parse-row.ts";
import { requestHash } from "../request/request-hash.ts";
import { RowError } from "../request/row-error.ts";
import { compileForms, type FormOf } from "../request/row-forms.ts";
import { refuseBatchOptions } from "./batch-options.ts";
import { type CheckTargets, compileTargetCheck } from "./check-targets.ts";
import { FieldNames } from "./field-names.ts";
import type { InputRecord } from "./records.ts";
import { rowGroup } from "./row-group.ts";
import { rowId } from "./row-id.ts";
import type { UnsentFields } from "./unsent-fields.ts";

export interface CheckOptions {
  /** The largest estimate of input and output together; null for no limit. */
  maxRequestTokens: number | null;
  /** The field whose text is a row's `group`; null for no groups. */
  budgetBy: string | null;
  /** Whether rows get their `requestHash`. */
  hash: boolean;
  /** Gets each good row that is no line of a batch file. */
  unsent: UnsentFields;
}

const FORM_NAMES: Readonly<Record<InputForm, string>> = {
  "openai-batch": "a line of an OpenAI batch file",
  "anthropic-batch": "a line of an Anthropic batch file",
  rows: "a row with a prompt or messages",
};

/**
 * Makes ready to check the records of files: each must be an object with a fit id and in the form of its file, and its
 * request must build for everybody whom it may be sent to.
 * @throws LlmBatchError BAD_TEMPLATE, BAD_PARAM, BAD_SCHEMA, OPTION_NOT_APPLICABLE.
 */
export function compileCheck(settings: RequestSettings, options: CheckOptions): (path: string) => FileCheck {
  const build = compileRequest(settings);
  const formOf = compileForms(settings);
  const checkTargets = compileTargetCheck(settings);
  return (path) => new FileCheck({ path, settings, options, build, checkTargets, formOf });
}

interface FileCheckParts {
  /** For messages. */
  path: string;
  settings: RequestSettings;
  options: CheckOptions;
  build: BuildRequest;
  checkTargets: CheckTargets;
  formOf: FormOf;
}

/** Checks the records of one file. The first row that has a form decides which one they all must have. */
export class FileCheck {
  readonly #parts: FileCheckParts;
  /** The field names of the rows that were checked, where no header tells them. */
  readonly fields = new FieldNames();
  #form: InputForm | null = null;

  constructor(parts: FileCheckParts) {
    this.#parts = parts;
  }

  /** Null before the first row that has one. */
  get form(): InputForm | null {
    return this.#form;
  }

  /**
   * Makes a row for the job table of a record. A bad one has `error` set, and its `row` is valid JSON all the same.
   * @throws LlmBatchError OPTION_NOT_APPLICABLE on a batch line that a given option can't apply to.
   */
  check({ line, text, row: parsed, error }: InputRecord): ImportRow {
    const row: ImportRow = {
      key: null,
      line,
      row: text,
      model: null,
      group: null,
      charge: null,
      requestHash: null,
      error,
    };
    if (error !== null) return row;
    try {
      this.#checkInto(row, parsed ?? this.#parse(text));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      row.error = { code: error.code, message: error.message };
      row.row = error.code === "BAD_JSON" ? JSON.stringify(text.trim()) : text.trim();
    }
    return row;
  }

  #parse(text: string): Row {
    const row = parseRow(text);
    this.fields.add(row);
    return row;
  }

  /** What was found out before an error stays: a bad row keeps its id. */
  #checkInto(row: ImportRow, parsed: Row): void {
    const { settings, options, build, checkTargets } = this.#parts;
    row.row = parsed.text;
    row.key = rowId(parsed, settings.idField);
    this.#checkForm(parsed, row.line);
    if (options.budgetBy !== null) row.group = rowGroup(parsed, options.budgetBy);
    const request = build(parsed, null);
    row.model = request.rowModel;
    const charge = checkTargets(parsed, request);
    row.charge = charge;
    const tokens = charge.inputTokens + charge.outputTokens;
    const most = options.maxRequestTokens;
    if (most !== null && tokens > most) {
      throw new RowError("ROW_TOO_LARGE", `about ${tokens} tokens, above --max-request-tokens ${most}`);
    }
    if (this.#form === "rows" || this.#form === null) options.unsent.add(parsed);
    if (options.hash) row.requestHash = requestHash(settings.baseUrl, request);
  }

  #checkForm(row: Row, line: number): void {
    const form = this.#parts.formOf(row);
    if (form === null || form === this.#form) return;
    if (this.#form !== null) {
      const message = `the row is ${FORM_NAMES[form]}, the file's first ${FORM_NAMES[this.#form]}`;
      throw new RowError("MIXED_FORMS", message);
    }
    if (form !== "rows") refuseBatchOptions(this.#parts.settings, form, `${this.#parts.path}:${line}`);
    this.#form = form;
  }
}
