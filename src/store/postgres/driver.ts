import { createRequire } from "node:module";
import type Pg from "pg";
import { LlmBatchError } from "../../domain/errors.ts";
import { fromKept } from "./kept-text.ts";

export type Driver = typeof Pg;
export type Client = Pg.Client;

const load = createRequire(import.meta.url);

/**
 * Loads pg, which is installed where it can be and needed by nobody else.
 * @throws LlmBatchError DRIVER_MISSING
 */
export function loadDriver(): Driver {
  try {
    // It announces what its next version will do without, such as ~/.pgpass: no news for who runs this program.
    process.noDeprecation = true;
    return load("pg") as Driver;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "MODULE_NOT_FOUND") throw error;
    throw new LlmBatchError({
      code: "DRIVER_MISSING",
      message: "the package pg, which speaks to PostgreSQL, is not installed",
      hint: "install it beside llm-batch with `npm install pg`, or name a file with --db",
      cause: error,
    });
  }
}

const INT8 = 20;
const TEXT = 25;
const NUMERIC = 1700;

/** Whole numbers of 64 bits, and sums of them, are below 2^53 here: keys, times, tokens, nano-USD. */
export function typesOf({ types }: Driver): Pg.CustomTypesConfig {
  return {
    getTypeParser: ((oid: number, format?: "text" | "binary") => {
      if (oid === INT8 || oid === NUMERIC) return Number;
      return oid === TEXT ? fromKept : types.getTypeParser(oid, format);
    }) as never,
  };
}
