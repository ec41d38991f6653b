import { ExitCode, LlmBatchError } from "../domain/errors.ts";
import { shellWord } from "../domain/shell-word.ts";
import type { ExportRequest } from "./export-request.ts";
import { partialPath } from "./file/partial-path.ts";
import { isDevice } from "./file/write-file.ts";
import { answerFields } from "./formats/answer-columns.ts";
import { FORMATS, type OutputFormat } from "./formats/formats.ts";

/**
 * Refuses what can't be exported as it is asked for, before anything is written.
 * @throws LlmBatchError RUN_UNFINISHED, RAW_NEEDS_JSONL, BAD_OPTION, FOLLOW_NEEDS_STREAM, BINARY_TO_TERMINAL
 */
export async function checkExport(request: ExportRequest, format: OutputFormat): Promise<void> {
  const { run, path, stdout, partial, includeRaw, follow } = request;
  const isUnfinished = run.state !== "finished" && run.state !== "cancelled";
  if (isUnfinished && !partial && !follow) throw runUnfinished(run.id, path);
  if (includeRaw && format !== "jsonl") throw rawNeedsJsonl(format);
  checkTable(request, format);
  if (follow) await checkFollow(path, format);
  if (format === "parquet" && path === "-" && stdout.isTTY) throw binaryToTerminal();
}

function checkTable(
  { run, escapeFormulas, answerColumns, columnPrefix }: ExportRequest,
  format: OutputFormat,
): void {
  const ofTables = [
    escapeFormulas && "--escape-formulas",
    answerColumns && "--answer-columns",
    columnPrefix !== null && "--column-prefix",
  ];
  const flag = ofTables.find((name) => name !== false);
  if (flag && format !== "csv" && format !== "tsv") throw needsCsv(flag, format);
  if (answerColumns && answerFields(run.request).length === 0) throw noAnswerFields(run.id);
}

async function checkFollow(path: string, format: OutputFormat): Promise<void> {
  if (!FORMATS[format].streams) throw followNeedsStream(`${format} can be read only when it is whole`);
  if (path !== "-" && !(await isDevice(path)))
    throw followNeedsStream(`${path} is no pipe, and a file is written only when it is whole`);
}

function runUnfinished(run: string, path: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_UNFINISHED",
    message: `${run}: is not finished, so its results are not complete`,
    hint: `finish it with \`llm-batch resume ${run}\`, or take what is there: \`llm-batch export ${run} --partial -o ${shellWord(partialPath(path))}\``,
    exitCode: ExitCode.stopped,
  });
}

function rawNeedsJsonl(format: OutputFormat): LlmBatchError {
  return new LlmBatchError({
    code: "RAW_NEEDS_JSONL",
    message: `--include raw: does not go with the format ${format}`,
    hint: "export to JSONL: --output-format jsonl",
  });
}

function needsCsv(flag: string, format: OutputFormat): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `${flag}: expected CSV or TSV as output, got the format ${format}`,
    hint: "leave it out; or export to CSV: --output-format csv",
  });
}

function noAnswerFields(run: string): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `--answer-columns: ${run} has no --json-schema whose "properties" could be columns`,
    hint: "leave it out: the answers stand in llm_output",
  });
}

function followNeedsStream(why: string): LlmBatchError {
  return new LlmBatchError({
    code: "FOLLOW_NEEDS_STREAM",
    message: `--follow: ${why}`,
    hint: "write JSONL or CSV to stdout with -o -, or export what is there with --partial",
  });
}

function binaryToTerminal(): LlmBatchError {
  return new LlmBatchError({
    code: "BINARY_TO_TERMINAL",
    message: "-o -: parquet is binary, and stdout is a terminal",
    hint: "name a file, e.g. -o results.parquet, or pass it on with a pipe",
  });
}
