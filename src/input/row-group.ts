import { describe, isObject, type Row } from "../domain/row.ts";
import { RowError } from "../request/row-error.ts";

const MOST_CHARACTERS = 200;
/** UTF-8, in which groups are kept, has no place for it. */
const HALF_CHARACTER = /\p{Surrogate}/u;
/** Where a batch line has the fields of its request. */
const REQUESTS = ["body", "params"];

/**
 * Whose budget a row counts for: the text of a field, of the row itself or else of the request in a batch line.
 * @throws RowError BAD_GROUP.
 */
export function rowGroup(row: Row, field: string): string {
  const value = row.has(field) ? row.value(field) : requestField(row, field);
  const name = `the --budget-by field ${JSON.stringify(field)}`;
  if (value === undefined) throw new RowError("BAD_GROUP", `${name} is missing`);
  if (value === "") throw new RowError("BAD_GROUP", `${name} is empty`);
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    throw new RowError("BAD_GROUP", `${name} is ${describe(value)}, not a string, number or boolean`);
  }
  const group = row.has(field) ? row.display(field)! : String(value);
  if (group.length > MOST_CHARACTERS) {
    throw new RowError("BAD_GROUP", `${name} is longer than ${MOST_CHARACTERS} characters`);
  }
  if (HALF_CHARACTER.test(group)) throw new RowError("BAD_GROUP", `${name} holds half a character`);
  return group;
}

function requestField(row: Row, field: string): unknown {
  const request = REQUESTS.map((name) => row.value(name)).find(isObject);
  return request !== undefined && Object.hasOwn(request, field) ? request[field] : undefined;
}
