import { describe, isObject } from "../domain/row.ts";
import { RowError } from "./row-error.ts";

/** A message; of a response also an item, which has a type and no role. */
export interface Message extends Record<string, unknown> {
  role?: string;
}

/**
 * Checks that a value is a list of messages; what is in their contents is the provider's affair.
 *
 * @param name what messages call the field
 * @param isFit what each object in it must be
 * @throws RowError BAD_FIELD_TYPE, MISSING_FIELD.
 */
export function checkMessages(value: unknown, name: string, isFit = hasRole): readonly Message[] {
  if (!Array.isArray(value)) {
    throw new RowError("BAD_FIELD_TYPE", `the field "${name}" is ${describe(value)}, not an array`);
  }
  if (value.length === 0) throw new RowError("MISSING_FIELD", `the field "${name}" is empty`);
  const bad = value.findIndex((message) => !isObject(message) || !isFit(message));
  if (bad >= 0) throw new RowError("BAD_FIELD_TYPE", `${name}[${bad}] is not an object with a "role"`);
  return value;
}

function hasRole({ role }: Record<string, unknown>): boolean {
  return typeof role === "string";
}

/** As {@link checkMessages} for the messages of a row, which may be items of a response too. */
export function checkItems(value: unknown, name: string): readonly Message[] {
  return checkMessages(value, name, ({ role, type }) =>
    role === undefined ? typeof type === "string" : typeof role === "string",
  );
}

/** Whether messages bring a system message of their own: then that one counts. */
export function beginsWithSystem(messages: readonly Message[]): boolean {
  return messages[0]?.role === "system" || messages[0]?.role === "developer";
}
