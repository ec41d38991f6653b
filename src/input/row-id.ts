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
  if (value === undefined) throw badId(field, "is missing");
  if (value === "") throw badId(field, "is empty");
  if (typeof value !== "string" && typeof value !== "number") {
    throw badId(field, `is ${describe(value)}, not a string or number`);
  }
  // UTF-8, in which ids are kept, has no place for half a character.
  if (typeof value === "string" && !value.isWellFormed()) {
    throw badId(field, `holds half a character: ${JSON.stringify(value).slice(0, 100)}`);
  }
  return row.display(field)!;
}

function badId(field: string, trouble: string): RowError {
  return new RowError("BAD_ID", `the id field ${JSON.stringify(field)} ${trouble}`);
}
