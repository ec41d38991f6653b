import { type Command, Option } from "commander";
import { LlmBatchError } from "../../domain/errors.ts";
import { shellWord } from "../../domain/shell-word.ts";
import type { GlobalOptions } from "../context.ts";

const DEFAULT_DB = "./llm-batch.db";

/** The flags that every command takes. */
export function globalOptions(program: Command): Command {
  return program
    .option(
      "--db <file|url>",
      `the database, a file or postgres://… (default: ${DEFAULT_DB}, env: LLM_BATCH_DB)`,
    )
    .option("--config <file>", "settings file; else llm-batch.yaml where it is there")
    .option("--env-file <file>", "file of environment variables, e.g. with the key")
    .option("--json", "print data, errors and a run's events as JSON")
    .option("-q, --quiet", "no progress and no summary")
    .option("-v, --verbose", "say why each wait and each retry happens")
    .option("--no-color", "no colours")
    .addOption(
      new Option("--progress <how>", "how to show progress")
        .choices(["auto", "bar", "plain", "none"])
        .default("auto"),
    );
}

/** Reads them, with the environment's LLM_BATCH_DB and the defaults for what isn't given. */
export async function globalsOf(program: Command, env: NodeJS.ProcessEnv): Promise<GlobalOptions> {
  const { db, config, envFile, json, quiet, verbose, color, progress } = program.opts();
  const database = await databaseOf(db || env.LLM_BATCH_DB || DEFAULT_DB);
  const dbFlag = db ? (database.address?.withoutPassword ?? database.db) : null;
  return {
    ...database,
    dbFlag,
    sameFlags: flagText("--db", dbFlag) + flagText("--env-file", envFile),
    config: config ?? null,
    envFile: envFile ?? null,
    json: json ?? false,
    quiet: quiet ?? false,
    verbose: verbose ?? false,
    color,
    progress,
  };
}

function flagText(flag: string, value: string | null | undefined): string {
  return value ? ` ${flag} ${shellWord(value)}` : "";
}

/** The database as a file, or as a server's address; `db` never holds the password. */
async function databaseOf(text: string): Promise<Pick<GlobalOptions, "db" | "address">> {
  if (!/^\w+:\/\//.test(text)) return { db: text, address: null };
  const { isAddress, parseAddress } = await import("../../store/postgres/address.ts");
  if (isAddress(text)) {
    const address = parseAddress(text);
    return { db: address.shown, address };
  }
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: "--db: expected the path of a file, or an address that begins with postgres://",
    hint: "name a file on a local disk, e.g. --db ./llm-batch.db, or --db postgres://USER@HOST/DATABASE",
  });
}
