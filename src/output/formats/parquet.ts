import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { ResultRow } from "../../ports/results.ts";
import { answerText } from "./answer-text.ts";
import { answeredByText } from "./answered-by.ts";
import type { Format } from "./format.ts";
import { statusOf } from "./status.ts";

type Value = string | number | bigint | readonly number[] | null;

interface Column {
  type: "STRING" | "INT32" | "INT64" | "DOUBLE" | "VECTOR";
  value(row: ResultRow): Value;
}

const text = (value: Column["value"]): Column => ({ type: "STRING", value });
const small = (value: Column["value"]): Column => ({ type: "INT32", value });
const real = (value: Column["value"]): Column => ({ type: "DOUBLE", value });
const whole = (value: (row: ResultRow) => number | null): Column => ({
  type: "INT64",
  value: (row) => {
    const number = value(row);
    return number === null ? null : BigInt(number);
  },
});

type Columns = Readonly<Record<string, Column>>;

/** `input` is the row's JSON text. */
const COLUMNS: Columns = {
  id: text((row) => row.key),
  sample: small((row) => row.sample),
  status: text((row) => statusOf(row.state)),
  output: text((row) => (row.output === null ? null : answerText(row))),
  error_code: text((row) => row.errorCode),
  error_message: text((row) => row.errorMessage),
  http_status: small((row) => row.httpStatus),
  model: text((row) => row.model),
  provider: text((row) => row.provider),
  finish_reason: text((row) => row.finishReason),
  input_tokens: whole((row) => row.inputTokens),
  cached_input_tokens: whole((row) => row.cachedInputTokens),
  output_tokens: whole((row) => row.outputTokens),
  reasoning_tokens: whole((row) => row.reasoningTokens),
  cost_usd: real((row) => row.costUsd),
  attempts: small((row) => row.attempts),
  latency_ms: whole((row) => row.latencyMs),
  answered_by: text(answeredByText),
  input: text((row) => row.row),
};

/** What else a run of embeddings has; an answer that is no vector stands in `output` as in other runs. */
const EMBEDDING_COLUMNS: Columns = {
  ...COLUMNS,
  output: text((row) => (row.output === null || vectorOf(row) !== null ? null : answerText(row))),
  embedding: { type: "VECTOR", value: vectorOf },
};

function vectorOf({ output }: ResultRow): readonly number[] | null {
  const value: unknown = output === null ? null : JSON.parse(output);
  const isVector = Array.isArray(value) && value.every((one) => typeof one === "number");
  return isVector ? value : null;
}

/** A row group is full at either bound: readers like large ones, and it is held in memory while it is filled. */
const GROUP_ROWS = 50_000;
const GROUP_CHARACTERS = 4 * 1024 * 1024;
/** What is encoded and compressed at once of a column. */
const PAGE_BYTES = 64 * 1024;

/** Writes results as Parquet, a row group at a time. Nothing is kept of a group but its entry in the footer. */
export class ParquetFormat implements Format {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #columns: Columns;
  #group: Group;
  #rows = 0;
  #characters = 0;

  constructor({ withEmbedding }: { withEmbedding: boolean }) {
    this.#columns = withEmbedding ? EMBEDDING_COLUMNS : COLUMNS;
    this.#group = newGroup(this.#columns);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(this.#columns),
      createdBy: "llm-batch",
    });
  }

  begin(): Uint8Array {
    return this.#take();
  }

  rows(results: readonly ResultRow[]): Uint8Array {
    for (const row of results) {
      for (const column of this.#group) column.data.push(this.#columns[column.name]!.value(row));
      this.#rows++;
      this.#characters += row.row.length + (row.output?.length ?? 0);
    }
    if (this.#rows >= GROUP_ROWS || this.#characters >= GROUP_CHARACTERS) this.#writeGroup();
    return this.#take();
  }

  end(): Uint8Array {
    if (this.#rows > 0) this.#writeGroup();
    this.#writer.finish();
    return this.#take();
  }

  #writeGroup(): void {
    this.#writer.write({ columnData: this.#group, rowGroupSize: this.#rows, pageSize: PAGE_BYTES });
    this.#group = newGroup(this.#columns);
    this.#rows = 0;
    this.#characters = 0;
  }

  /** What was encoded since the last time. The writer counts offsets apart from its buffer, which starts over. */
  #take(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

/** An element of the file's schema. */
type SchemaElement = ReturnType<typeof schemaFromColumnData>[number];

type Group = ReturnType<typeof newGroup>;

/** Without the statistics and indexes that the writer would keep in memory of every group until the end. */
function newGroup(columns: Columns) {
  return Object.keys(columns).map((name) => ({
    name,
    data: [] as Value[],
    statistics: false,
    offsetIndex: false,
  }));
}

/** The tree of a list as the format has it, in place of the element that stands for it. */
function schemaOf(columns: Columns): SchemaElement[] {
  const columnData = Object.entries(columns).map(([name, { type }]) => ({
    name,
    type: type === "VECTOR" ? ("DOUBLE" as const) : type,
    data: [],
  }));
  return schemaFromColumnData({ columnData }).flatMap((element) =>
    columns[element.name]?.type === "VECTOR" ? listOfDoubles(element.name) : [element],
  );
}

function listOfDoubles(name: string): SchemaElement[] {
  return [
    { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", type: "DOUBLE" },
  ];
}
