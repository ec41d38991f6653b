import { describe, isObject } from "../domain/row.ts";
import { RowError } from "./row-error.ts";

interface Message extends Record<string, unknown> {
  role: string;
}

/**
 * Checks that a value is a list of messages; what is in their contents is the provider's affair.
 *
 * @param name what messages call the field
 * @throws RowError BAD_FIELD_TYPE, MISSING_FIELD.
 */
export function checkMessages(value: unknown, name: string): readonly Message[] {
  if (!Array.isArray(value)) {
    throw new RowError("BAD_FIELD_TYPE", `the field "${name}" is ${describe(value)}, not an array`);
  }
  if (value.length === 0) throw new RowError("MISSING_FIELD", `the field "${name}" is empty`);
  const bad = value.findIndex((message) => !isObject(message) || typeof message.role !== "string");
  if (bad >= 0) throw new RowError("BAD_FIELD_TYPE", `${name}[${bad}] is not an object with a "role"`);
  return value;
}

/** Whether messages bring a system message of their own: then that one counts. */
export function beginsWithSystem(messages: readonly Message[]): boolean {
  return messages[0]?.role === "system" || messages[0]?.role === "developer";
}
