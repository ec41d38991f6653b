import { extname } from "node:path";
import { LlmBatchError } from "../../domain/errors.ts";
import type { InputForm, Source } from "../../domain/run.ts";
import { answerFields } from "./answer-columns.ts";
import { anthropicLine } from "./anthropic.ts";
import type { Separator } from "./csv-cell.ts";
import { type FormatKind, lineFormat } from "./format.ts";
import { findInputColumns } from "./input-columns.ts";
import { jsonLine } from "./jsonl.ts";
import { openaiLine } from "./openai.ts";

export const OUTPUT_FORMATS = ["jsonl", "csv", "tsv", "openai", "anthropic", "parquet"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const loadCsv = () => import("./csv.ts");
const loadParquet = () => import("./parquet.ts");

/** Every format, once. */
export const FORMATS: Readonly<Record<OutputFormat, FormatKind>> = {
  jsonl: {
    endings: [],
    needsResponses: false,
    streams: true,
    create: async ({ run, includeRaw }) => {
      const withSample = run.request.samples > 1;
      return lineFormat((row) => jsonLine(row, { withSample, includeRaw }));
    },
  },
  csv: separatedBy(",", ".csv"),
  tsv: separatedBy("\t", ".tsv"),
  openai: {
    endings: [],
    needsResponses: true,
    streams: true,
    create: async ({ run }) => lineFormat((row) => openaiLine(row, run)),
  },
  anthropic: {
    endings: [],
    needsResponses: true,
    streams: true,
    create: async ({ run }) => lineFormat((row) => anthropicLine(row, run)),
  },
  parquet: {
    endings: [".parquet"],
    needsResponses: false,
    streams: false,
    load: loadParquet,
    create: async ({ run }) => {
      const { ParquetFormat } = await loadParquet();
      return new ParquetFormat({ withEmbedding: run.request.api === "embeddings" });
    },
  },
};

/** A table as text. */
function separatedBy(separator: Separator, ending: string): FormatKind {
  return {
    endings: [ending],
    needsResponses: false,
    streams: true,
    load: loadCsv,
    create: async ({ run, pages, isWhole, escapeFormulas, answerColumns, columnPrefix }) => {
      const { CsvFormat } = await loadCsv();
      const columns = await findInputColumns(run.sources, pages(), isWhole);
      const withSample = run.request.samples > 1;
      const withSharing = run.options.dedupe === "true" || run.options.reuse === "true";
      const fields = answerColumns ? answerFields(run.request) : [];
      return new CsvFormat(columns, {
        separator,
        withSample,
        withSharing,
        escapeFormulas,
        columnPrefix,
        answerFields: fields,
      });
    },
  };
}

/** Endings of JSON lines: those of a batch file's results, where the input was one. */
const LINES_ENDINGS: readonly string[] = ["", ".jsonl", ".ndjson"];
const RESULTS_OF: Readonly<Record<InputForm, OutputFormat>> = {
  "openai-batch": "openai",
  "anthropic-batch": "anthropic",
  rows: "jsonl",
};

/**
 * The format that goes with a path and an input: by the path's ending; for `-`, no ending and `.jsonl` the results of
 * a batch file have that batch's form, others ours.
 * @throws LlmBatchError UNKNOWN_FORMAT.
 */
export function chooseFormat(path: string, sources: readonly Source[]): OutputFormat {
  const ending = extname(path).toLowerCase();
  if (LINES_ENDINGS.includes(ending)) return resultsOf(sources);
  const format = OUTPUT_FORMATS.find((name) => FORMATS[name].endings.includes(ending));
  if (format) return format;
  const array = ending === ".json" ? "; make its lines into an array with: jq -s . results.jsonl" : "";
  throw new LlmBatchError({
    code: "UNKNOWN_FORMAT",
    message: `${path}: no output format goes with the ending ${ending}`,
    hint: `use .jsonl, .csv, .tsv or .parquet, or say which with --output-format ${OUTPUT_FORMATS.join("|")}${array}`,
  });
}

function resultsOf(sources: readonly Source[]): OutputFormat {
  const [form = "rows", ...others] = new Set(sources.map((source) => source.form ?? "rows"));
  return others.length === 0 ? RESULTS_OF[form] : "jsonl";
}
