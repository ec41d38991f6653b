import type { Percentiles } from "./histogram.ts";
import type { Pace } from "./history.ts";
import type { JobCounts } from "./job.ts";
import type { RequestSettings } from "./request.ts";

/**
 * States of a run as it is stored. `importing` is never drained; `open` has, or may get, unfinished jobs;
 * `finished` has none. Whether an open run is being worked on is a question of who is alive, not a state.
 */
export type RunState = "importing" | "open" | "finished" | "cancelled";

/** One input file of a run. */
export interface Source {
  /** The path as the user gave it; `-` for standard input. */
  path: string;
  format: InputFormat;
  /** SHA-256 of the bytes of the file, hex. */
  hash: string;
  /** Column names in their order, for CSV and TSV. */
  columns: readonly string[] | null;
  /** Names of all fields of its rows, as they come up, for JSONL. Missing where there are many, and in runs of older versions. */
  fields?: readonly string[];
  /** What its rows are. Runs stored before batch lines were known don't have it. Default: `rows`. */
  form?: InputForm;
}

/** How messages name the inputs of a run. There are none of a run whose import was cut off in an older version. */
export function inputNames(paths: readonly string[]): string {
  if (paths.length === 0) return "an input not read to its end";
  return paths.map((path) => (path === "-" ? "standard input" : path)).join(" ");
}

export type InputFormat = "jsonl" | "json" | "csv" | "tsv";

/** Lines of a provider's batch file, or rows of our own. */
export type InputForm = "openai-batch" | "anthropic-batch" | "rows";

/** What a run is and how it was started. */
export interface Run {
  /** `r_` and 8 letters or digits. */
  id: string;
  state: RunState;
  /** Equal for two runs that read the same rows and would send the same requests. */
  fingerprint: string;
  sources: readonly Source[];
  /** What is sent. Part of the fingerprint. */
  request: RequestSettings;
  /** The options a later `resume` starts with: flag name to value. Never a key. */
  options: Readonly<Record<string, unknown>>;
  /** Where `-o` said the results go; null without. */
  output: string | null;
  /** The file that `-o` wrote, as an absolute path; null before. It may be replaced without `--force`. */
  written: string | null;
  createdAt: number;
  finishedAt: number | null;
}

/** The figures of a run, as `status --json` gives them. */
export interface RunFigures {
  jobs: JobCounts;
  attempts: { total: number; succeeded: number; throttled: number; retried: number; in_doubt: number };
  /** Calls that may have been made and were not recorded, by the model rows name: at most, and what they were charged at most. */
  in_doubt: readonly { model: string | null; calls: number; input_tokens: number; output_tokens: number }[];
  /** Jobs that took over the answer of another job, or will: of this run (dedupe), of an earlier one (reuse). */
  shared: { dedupe: number; reuse: number };
  /** Answers that were refused because they don't fit the schema that was asked for. */
  unfit: number;
  tokens: { input: number; cached_input: number; output: number };
  /** What the answers with a known price cost, in whole nano-USD, and how many have none. */
  cost: { nano_usd: number; unknown: number };
  /** What budgets count beside the answers: calls that timed out or were cut off, and answers without a price. */
  estimated: { tokens: number; nano_usd: number };
  latency_ms: Percentiles;
  wait_ms: Percentiles;
  total_ms: Percentiles;
  failures: readonly { code: string; count: number; example: { id: string; message: string } | null }[];
  /** What happened in the last one to two minutes. */
  recent: { spanMs: number; requests: number; tokens: number };
  /** From the newest span of the run's history; null while there is none. */
  pace: Pace | null;
}
