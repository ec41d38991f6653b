import { withArgument } from "../../domain/shell-word.ts";
import type { RunStatus } from "../../observe/status.ts";
import { commandLines } from "../text/command-line.ts";
import { type Line, span } from "../text/line.ts";
import { grouped } from "../text/numbers.ts";
import { printableLine } from "../text/printable.ts";
import { cut, padTo, wrapWords } from "../text/width.ts";

/** Codes that are told, and what of a message. */
const MOST_CODES = 8;
const MOST_LINES = 3;
const MOST_CHARACTERS = 300;
const INDENT = "    ";

/**
 * The failures by code, each with an example, and the command that shows all of it.
 * @param flags that the commands need, with a space before each
 */
export function failureLines({ run, failures }: RunStatus, flags: string, columns: number | null): Line[] {
  if (failures.length === 0) return [];
  const shown = failures.slice(0, MOST_CODES);
  const countColumns = Math.max(...shown.map(({ count }) => grouped(count).length));
  const more = failures.length - shown.length;
  const all = `llm-batch status ${run} --json${flags}`;
  return [
    [span("  failed", "bad")],
    ...shown.flatMap((failure) => [
      [
        span(`${INDENT}${padTo(grouped(failure.count), countColumns, "right")}  `),
        span(failure.code, "strong"),
      ],
      ...(failure.example === null ? [] : exampleLines(run, failure.example, flags, columns)),
    ]),
    ...(more > 0 ? [[span(`${INDENT}and ${more} more codes: ${all}`)]] : []),
  ];
}

type Example = NonNullable<RunStatus["failures"][number]["example"]>;

function exampleLines(run: string, example: Example, flags: string, columns: number | null): Line[] {
  const indent = `${INDENT}  `;
  const text = cut(printableLine(`${example.id}: ${example.message}`), MOST_CHARACTERS);
  const room = columns === null ? null : columns - 1 - indent.length;
  const command = withArgument(`llm-batch show ${run}`, example.id, flags);
  const lines = room === null ? [text] : shortened(wrapWords(text, room), room);
  return [
    ...lines.map((line) => [span(indent + line)]),
    ...commandLines(command, room).map((line) => [span(indent + line, "faint")]),
  ];
}

function shortened(lines: readonly string[], room: number): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  return [...lines.slice(0, MOST_LINES - 1), cut(`${lines[MOST_LINES - 1]} …`, room)];
}
