import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../../src/cli/completion/words.ts";
import { EXAMPLES, welcome } from "../../../../src/cli/program/help.ts";
import { buildProgram } from "../../../../src/cli/program/program.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { splitWords } from "../../../helpers/shell-words.ts";

/** The program, and what it prints. */
function program(): { program: Command; printed(): string } {
  const stdout = new PassThrough();
  const context = {
    env: {},
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    clock: new ManualClock(),
    random: () => 0.5,
    stateFolders: [],
    readingThread: null,
    withLargeHeap: <T>(work: () => Promise<T>) => work(),
  };
  // Node 26 reads one write at a time.
  const printed = (): string => {
    let text = "";
    for (let piece = stdout.read(); piece !== null; piece = stdout.read()) text += piece;
    return text;
  };
  return { program: buildProgram(context, () => {}), printed };
}

function helpOf(name: string): string {
  const { program: whole, printed } = program();
  const command = name === "" ? whole : whole.commands.find((each) => each.name() === name)!;
  command.outputHelp();
  return printed();
}

const NAMES = wordsOf(program().program).commands.map(({ name }) => name);

describe.each(["", ...NAMES.filter((name) => name !== "help")])("the help of `llm-batch %s`", (name) => {
  test("fits into 80 columns", () => {
    expect(
      helpOf(name)
        .split("\n")
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });
});

test.each(Object.entries(EXAMPLES))("the examples of `llm-batch %s` are what it takes", (name, examples) => {
  const { flags, commands } = wordsOf(program().program);
  for (const [line] of examples) {
    const [tool, commandName, ...words] = splitWords(line);
    const command = commands.find((each) => each.name === commandName);
    expect({ tool, isKnown: command !== undefined }).toEqual({ tool: "llm-batch", isKnown: true });
    const known = [...flags, ...command!.flags].flatMap(({ names }) => names);
    expect(known).toEqual(expect.arrayContaining(words.filter((word) => /^--?[a-z]/.test(word))));
    if (name !== "") expect(commandName).toBe(name);
  }
});

test("the help of run has its options in groups, and ends with examples", () => {
  const help = helpOf("run");
  const headings = [...help.matchAll(/^([A-Z]\w+):/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    "Usage",
    "Arguments",
    "Input",
    "Request",
    "Endpoints",
    "Speed",
    "Failure",
    "Bounds",
    "Money",
    "Output",
    "Sharing",
    "Storage",
    "Options",
    "Examples",
  ]);
});

test.each(["resume", "retry", "work"])("the help of %s promises no default: the run has its own", (name) => {
  const help = helpOf(name);
  expect(help).toContain("--max-attempts <n>");
  expect(help).not.toContain("(default:");
  expect(help).toContain("stays as the run was started with");
});

test("every argument of a command is explained", () => {
  const { commands } = program().program;
  const unexplained = commands.flatMap((command) =>
    command.registeredArguments.filter(({ description }) => description === "").map(() => command.name()),
  );
  expect(unexplained).toEqual([]);
});

test("who gives no command is shown them all, and where to start", () => {
  const text = welcome(program().program);
  for (const name of NAMES) expect(text).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
  expect(text).toMatch(/\nStart here:\n(?: {2}(?:#|llm-batch) .*\n)+$/);
});
