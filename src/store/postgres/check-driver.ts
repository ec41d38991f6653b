import { createRequire } from "node:module";
import { type Check, failedBy, passed } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { loadDriver } from "./driver.ts";

/** Whether the driver of PostgreSQL is installed. */
export function checkPostgresDriver(): Check {
  try {
    loadDriver();
    const { version } = createRequire(import.meta.url)("pg/package.json") as { version: string };
    return passed("driver", `pg ${version}`);
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    return failedBy("driver", error);
  }
}
