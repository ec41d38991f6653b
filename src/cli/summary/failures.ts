import type { RunStatus } from "../../observe/status.ts";
import { printableLine } from "../printable.ts";
import { commandLines, shellWord } from "../text/command-line.ts";
import { type Line, span } from "../text/line.ts";
import { grouped } from "../text/numbers.ts";
import { cut, padTo, wrapWords } from "../text/width.ts";

/** Codes that are told, and what of a message. */
const MOST_CODES = 8;
const MOST_LINES = 3;
const MOST_CHARACTERS = 300;
const INDENT = "    ";

/** The failures by code, each with an example, and the command that shows all of it. */
export function failureLines({ run, failures }: RunStatus, columns: number | null): Line[] {
  if (failures.length === 0) return [];
  const shown = failures.slice(0, MOST_CODES);
  const countColumns = Math.max(...shown.map(({ count }) => grouped(count).length));
  const more = failures.length - shown.length;
  return [
    [span("  failed", "bad")],
    ...shown.flatMap((failure) => [
      [
        span(`${INDENT}${padTo(grouped(failure.count), countColumns, "right")}  `),
        span(failure.code, "strong"),
      ],
      ...exampleLines(run, failure.example, columns),
    ]),
    ...(more > 0 ? [[span(`${INDENT}and ${more} more codes: llm-batch status ${run} --json`)]] : []),
  ];
}

type Example = RunStatus["failures"][number]["example"];

function exampleLines(run: string, example: Example, columns: number | null): Line[] {
  if (example === null) return [];
  const indent = `${INDENT}  `;
  const text = cut(printableLine(`${example.id}: ${example.message}`), MOST_CHARACTERS);
  const room = columns === null ? null : columns - 1 - indent.length;
  const command = `llm-batch show ${run} ${shellWord(example.id)}`;
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
