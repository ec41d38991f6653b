import { mkdirSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { type StarterFile, starterFiles } from "../../app/starter-files.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import { shellWord } from "../../domain/shell-word.ts";
import type { GlobalOptions, Invocation } from "../context.ts";
import { printableLine } from "../text/printable.ts";

/** `llm-batch init`: an example input and a commented config, ready to run. Never replaces a file. */
export async function command({ context, globals, args }: Invocation): Promise<ExitCode> {
  const folder = typeof args[0] === "string" ? args[0] : ".";
  const written = starterFiles().map((file) => write(folder, file));
  if (globals.json) context.stdout.write(`${JSON.stringify({ written })}\n`);
  if (!globals.quiet) {
    const lines = [`wrote ${written.join(" and ")}`, `try it: ${commandIn(folder, globals)}`];
    context.stderr.write(`${lines.map(printableLine).join("\n")}\n`);
  }
  return ExitCode.ok;
}

function commandIn(folder: string, { dbFlag, address, sameFlags }: GlobalOptions): string {
  const command = "llm-batch run prompts.jsonl";
  if (folder === ".") return command + sameFlags;
  const isMoved = dbFlag !== null && address === null && !isAbsolute(dbFlag);
  const flags = isMoved ? ` --db ${shellWord(relative(folder, dbFlag))}` : sameFlags;
  return `cd ${shellWord(folder)} && ${command}${flags}`;
}

function write(folder: string, { name, text }: StarterFile): string {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    throw notWritten(folder, path, cause as NodeJS.ErrnoException);
  }
  return path;
}

/** Node tells a folder that can't be made, for whatever reason, as missing, and a file in its place as there already. */
function notWritten(folder: string, path: string, cause: NodeJS.ErrnoException): LlmBatchError {
  const { code, syscall } = cause;
  if (code === "EEXIST" && syscall !== "mkdir") {
    return new LlmBatchError({
      code: "OUTPUT_EXISTS",
      message: `${path}: is there already`,
      hint: "name an empty folder: llm-batch init DIR",
    });
  }
  const why = syscall === "mkdir" ? `the folder ${folder} can't be made` : fileTrouble(cause);
  return new LlmBatchError({
    code: "OUTPUT_UNWRITABLE",
    message: `${path}: can't be written: ${why}`,
    hint: "name a folder that may be written to: llm-batch init DIR",
    cause,
  });
}
