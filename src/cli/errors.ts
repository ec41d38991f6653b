import type { CommanderError } from "commander";
import { ExitCode, LlmBatchError, tooManyFiles } from "../domain/errors.ts";
import type { CliContext } from "./context.ts";
import { EXAMPLES } from "./program/help.ts";
import { sourceStack } from "./source-stack.ts";
import { withSameFlags } from "./text/command-line.ts";
import { textLines } from "./text/fields.ts";
import { type Line, span } from "./text/line.ts";
import { printLines, windowOf } from "./text/print-lines.ts";
import { printable } from "./text/printable.ts";

/** What a failed command exits with; anything that is not meant for the user is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  return forUser(error)?.exitCode ?? ExitCode.bug;
}

/** Prints `CODE: message` and `hint:` to stderr; with `--json` one object, to stdout. A bug also gets its stack. */
export function printError(error: unknown, context: CliContext, argv: readonly string[]): void {
  const known = forUser(error);
  const { code, message, hint } = known ?? bug(error);
  if (argv.includes("--json")) {
    context.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
    return;
  }
  const [what = "", ...more] = `${code}: ${message}`.split("\n");
  const lines: Line[] = [
    [span(what, "bad")],
    ...more.map((line) => [span(line)]),
    [span(`hint: ${hint}`, "strong")],
  ];
  const columns = windowOf(context.stderr);
  printLines(
    context.stderr,
    lines.flatMap((line) => textLines(line, columns)),
    context,
    { color: !argv.includes("--no-color") },
  );
  if (!known && error instanceof Error)
    context.stderr.write(printable(`${sourceStack(error.stack ?? "")}\n`));
}

/** Any step may be the one that finds no file descriptor or no working folder left, even the loading of a module. */
function forUser(error: unknown): LlmBatchError | null {
  if (error instanceof LlmBatchError) return error;
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  if (syscall === "uv_cwd") return noWorkingFolder(error);
  return code === "EMFILE" || code === "ENFILE" ? tooManyFiles(error) : null;
}

function noWorkingFolder(cause: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "USAGE",
    message: "the working folder is no longer there",
    hint: 'go to one that is, or where it was made anew into that: cd "$PWD"',
    cause,
  });
}

/** The commands that its hint names find the same database and key as this one. */
export function withFlagsInHint(error: unknown, flags: string): unknown {
  if (!(error instanceof LlmBatchError)) return error;
  const { code, message, hint, exitCode } = error;
  return new LlmBatchError({ code, message, hint: withSameFlags(hint, flags), exitCode, cause: error });
}

function bug(error: unknown): { code: string; message: string; hint: string } {
  return {
    code: "BUG",
    message: error instanceof Error ? error.message : String(error),
    hint: "this is a fault in llm-batch; what was recorded is safe, and the same command goes on from there",
  };
}

/** A flag that would take a key, with the key or without. */
const KEY_FLAG = /^unknown option '(--(?:api-?)?(?:key|token))(?:=.*)?'/;

/** Commander's own complaints in our form; null when it only showed help or the version. */
export function usageError(error: CommanderError, command: string): LlmBatchError | null {
  if (error.exitCode === 0) return null;
  const [message = "", ...suggestion] = error.message
    .replace(/^error: /, "")
    .replace(/^\(outputHelp\)$/, "there is no such command to help with")
    .replace(/^command-argument value (.*) is invalid for argument '(.*?)'\./, "$1 is no $2.")
    .split("\n");
  const [, keyFlag] = KEY_FLAG.exec(message) ?? [];
  if (keyFlag !== undefined) return noKeyFlag(keyFlag);
  if (/^unknown option '--dry-?run'/.test(message)) return noDryRun(message);
  const help = `see \`llm-batch ${command ? `${command} ` : ""}--help\``;
  const guess = suggestion.length > 0 ? `${suggestion.join(" ").replace(/[()]/g, "")} ` : "";
  const [example] = EXAMPLES[command]?.at(0) ?? [];
  const isIncomplete = command !== "" && /missing|not specified/.test(message);
  const hint = isIncomplete && example ? `e.g. \`${example}\`; ${help}` : `${guess}${help}`;
  return new LlmBatchError({ code: "USAGE", message, hint });
}

function noDryRun(message: string): LlmBatchError {
  const hint =
    "`llm-batch plan` in the place of `llm-batch run` sends nothing; --preview N shows the first N requests";
  return new LlmBatchError({ code: "USAGE", message, hint });
}

/** What follows such a flag is not repeated. */
function noKeyFlag(flag: string): LlmBatchError {
  return new LlmBatchError({
    code: "USAGE",
    message: `unknown option '${flag}': no flag takes a key`,
    hint: "put it into its variable (export OPENAI_API_KEY=…) or a file for --env-file; --api-key-env names another variable",
  });
}
