import { describe, type Row } from "../domain/row.ts";
import { RowError } from "../request/row-error.ts";

/** The fields an id is looked for in, where `--id-field` names none. */
const ID_FIELDS = ["custom_id", "id"];

/**
 * The user's id of a row, a number as it is written; null where the row has no field for one.
 * @throws RowError BAD_ID.
 */
export function rowId(row: Row, idField: string | null): string | null {
  const field = idField ?? ID_FIELDS.find((name) => row.has(name));
  if (field === undefined) return null;
  const value = row.value(field);
  const name = JSON.stringify(field);
  if (value === undefined) throw new RowError("BAD_ID", `the id field ${name} is missing`);
  if (value === "") throw new RowError("BAD_ID", `the id field ${name} is empty`);
  if (typeof value !== "string" && typeof value !== "number") {
    throw new RowError("BAD_ID", `the id field ${name} is ${describe(value)}, not a string or number`);
  }
  // UTF-8, in which ids are kept, has no place for half a character.
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new RowError(
      "BAD_ID",
      `the id field ${name} holds half a character: ${JSON.stringify(value).slice(0, 100)}`,
    );
  }
  return row.display(field)!;
}
