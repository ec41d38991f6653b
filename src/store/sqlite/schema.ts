import { SCHEMA_1 } from "./schema-1.ts";
import { SCHEMA_2 } from "./schema-2.ts";
import { SCHEMA_3 } from "./schema-3.ts";
import { SCHEMA_4 } from "./schema-4.ts";

/** "LBjt" in ASCII: marks a file as a job table of llm-batch. */
export const APPLICATION_ID = 0x4c426a74;

/**
 * Forward only: the statements at index v lead from version v to v+1, and once released they never change. Each released
 * version has a database in `fixtures/databases`.
 *
 * No foreign key points at `inputs`, `runs` or `lanes` from a table of a row per job: each deleted parent would
 * scan such a table. Their keys tie them together, see keys.ts.
 */
export const MIGRATIONS: readonly string[] = [SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4];
