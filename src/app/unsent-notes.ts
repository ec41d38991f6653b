import { grouped } from "../domain/grouped.ts";
import type { UnsentCounts } from "../input/unsent-fields.ts";

/** Fields that are a prompt of its own kind, and no parameter. */
const INSTRUCTIONS: readonly string[] = ["system", "instructions"];

/** What is to be told of fields that look like settings and are not sent, and how they would be. */
export function unsentNotes({ fields, missing }: UnsentCounts): string[] {
  const counts = Object.entries(fields);
  const notes = missing.length > 0 ? [`--param-fields: no row has ${missing.join(", ")}`] : [];
  if (counts.length === 0) return notes;
  const told = counts.map(([name, rows]) => `${name} (${grouped(rows)} ${rows === 1 ? "row" : "rows"})`);
  return [
    ...notes,
    `not sent, though it looks like a setting: ${told.join(", ")}; ${waysOf(Object.keys(fields))}`,
  ];
}

function waysOf(names: readonly string[]): string {
  const params = names.filter((name) => !INSTRUCTIONS.includes(name));
  const ways = names
    .filter((name) => INSTRUCTIONS.includes(name))
    .map((name) => `--system '{{${name}}}' sends ${name}`);
  if (params.length > 0)
    ways.unshift(`--param-fields ${params.join(",")} sends what each row has, --param one value to all`);
  return ways.join("; ");
}
