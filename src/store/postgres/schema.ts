import { SCHEMA_1 } from "./schema-1.ts";
import { SCHEMA_2 } from "./schema-2.ts";

/**
 * Forward only: the statements at index v lead from version v to v+1, and once released they never change.
 *
 * There are no foreign keys: each would look its parent up, and lock it, for every row that is recorded. What belongs
 * together is written in one transaction, and `doctor` checks it.
 */
export const MIGRATIONS: readonly string[] = [SCHEMA_1, SCHEMA_2];
