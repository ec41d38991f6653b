import { type Check, failed, failedBy, passed } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { loadDriver } from "./driver.ts";

/** Whether SQLite can be used: the driver is native code, which must fit this Node. */
export function checkDriver(): Check {
  try {
    const db = new (loadDriver())(":memory:");
    const version = db.prepare<[], string>("SELECT sqlite_version()").pluck().get();
    db.close();
    return passed("driver", `SQLite ${version}`);
  } catch (error) {
    if (error instanceof LlmBatchError) return failedBy("driver", error);
    const [reason] = (error as Error).message.split("\n");
    return failed("driver", `better-sqlite3 can't be loaded: ${reason}`, "run `npm rebuild better-sqlite3`");
  }
}
