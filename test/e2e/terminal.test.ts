import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { BIN } from "../helpers/start-cli.ts";
import { hasProgram, Terminal } from "../helpers/terminal.ts";
import { VirtualScreen } from "../helpers/virtual-screen.ts";

const hasTerminal = hasProgram("script");
if (!hasTerminal) process.stderr.write("SKIPPED: run in a terminal, which needs script\n");

const CTRL_C = "\x03";
const ESC = "\x1b";
const COLOUR = new RegExp(`${ESC}\\[[\\d;]*m`);

interface Started {
  columns: number;
  settings: [string, string][];
  args?: readonly string[];
  env?: Record<string, string>;
}

/** A run in a terminal, against a provider that is as the settings say. */
async function startRun({ columns, settings, args = [], env = {} }: Started): Promise<Terminal> {
  const cwd = tempFolder();
  writePrompts(cwd, 40);
  const simulator = await simulate(...settings);
  const words = ["run", "prompts.jsonl", ...at(simulator), "-c", "4", ...args];
  return new Terminal([process.execPath, BIN, ...words].map((word) => `'${word}'`).join(" "), {
    cwd,
    env,
    columns,
  });
}

/** A run whose breaker is open for longer than the test. */
const duringOutage = (columns: number, env = {}, args: string[] = []): Promise<Terminal> =>
  startRun({
    columns,
    settings: [["outage", "calls:1-1000"]],
    args: ["--breaker-failures", "2", "--breaker-cooldown", "1h", ...args],
    env,
  });

/** What is left on the screen, and the rows that had to be broken. */
function screenOf({ shown }: Terminal, columns: number): VirtualScreen {
  const screen = new VirtualScreen(columns);
  screen.write(shown);
  return screen;
}

const barsIn = (rows: readonly string[]): string[] => rows.filter((row) => /[█░]|\d req\/min/.test(row));

/** As they were before they were broken over rows. */
const words = (rows: readonly string[]): string => rows.join(" ").replace(/\s+/g, " ");

describe.runIf(hasTerminal).each([40, 80, 200])("a run in a terminal of %i columns", (columns) => {
  test("shows what it waits for in lines that fit, and leaves none of them after Ctrl-C", async () => {
    const terminal = await duringOutage(columns);
    await terminal.see(/breaker open, next probe in \d+[hm]/);
    const before = screenOf(terminal, columns);
    expect(barsIn(before.rows).length).toBeGreaterThan(0);
    expect(before.broken).toEqual([]);
    expect(before.isCursorShown).toBe(true);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    const { rows, broken, isCursorShown, cursor } = screenOf(terminal, columns);
    expect(broken).toEqual([]);
    expect(barsIn(rows)).toEqual([]);
    expect(words(rows)).toMatch(/r_\w+ stopped: interrupted by SIGINT, after /);
    expect(rows.at(-1)).toMatch(/^ {4}llm-batch resume r_\w+$/);
    expect({ isCursorShown, cursor }).toEqual({
      isCursorShown: true,
      cursor: { row: rows.length, column: 0 },
    });
  });

  test("leaves no bar behind when a second Ctrl-C ends it at once", async () => {
    const terminal = await startRun({ columns, settings: [["fault", "hang"]] });
    await terminal.see(/4 calls in flight/);
    terminal.type(CTRL_C);
    await terminal.see(/interrupted by SIGINT/);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    const { rows, broken, isCursorShown } = screenOf(terminal, columns);
    expect(barsIn(rows)).toEqual([]);
    expect(broken).toEqual([]);
    expect(isCursorShown).toBe(true);
    expect(words(rows)).toMatch(/stopped at once; .*`llm-batch resume`$/);
  });
});

test.runIf(hasTerminal).each([
  ["run", /^(\^C)?interrupted by SIGINT before [^%]*$/],
  ["plan", /^(\^C)?$/],
])(
  "%s of a large file shows how far it is read, and leaves nothing of that after Ctrl-C",
  async (command, said) => {
    const cwd = tempFolder();
    const rows = 500_000;
    writePrompts(cwd, rows);
    const line = `'${process.execPath}' '${BIN}' ${command} prompts.jsonl --provider sim`;
    const terminal = new Terminal(line, { cwd, env: {}, columns: 80 });
    const [, share, read] = await terminal.see(/ (\d+)%\S* {2}([\d,]+) rows read/);
    expect(Number(share)).toBeLessThan(100);
    expect(Number(read!.replaceAll(",", ""))).toBeLessThan(rows);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(barsIn(screenOf(terminal, 80).rows)).toEqual([]);
    expect(words(screenOf(terminal, 80).rows)).toMatch(said);
  },
);

describe.runIf(hasTerminal)("colours", () => {
  test("are there on a terminal", async () => {
    const terminal = await duringOutage(80, {}, ["--deadline", "100ms"]);
    await terminal.ended;
    expect(terminal.shown).toMatch(COLOUR);
  });

  test.each([
    ["NO_COLOR", { NO_COLOR: "1" }, []],
    ["--no-color", {}, ["--no-color"]],
    ["TERM=dumb", { TERM: "dumb" }, []],
  ])("are not with %s", async (_name, env, args) => {
    const terminal = await duringOutage(80, env, ["--deadline", "100ms", ...args]);
    await terminal.ended;
    expect(terminal.shown).toContain("stopped: the deadline has passed");
    expect(terminal.shown).not.toMatch(COLOUR);
  });
});

test.runIf(hasTerminal)("a terminal that can't move its cursor gets whole lines", async () => {
  const terminal = await duringOutage(80, { TERM: "dumb" }, ["--deadline", "100ms"]);
  await terminal.ended;
  expect(terminal.shown).not.toContain(ESC);
  expect(terminal.shown).toContain("breaker open for");
});

test.runIf(hasTerminal)("a terminal that is shown the events gets no bar among them", async () => {
  const terminal = await duringOutage(80, {}, ["--deadline", "2s", "--json"]);
  await terminal.ended;
  expect(terminal.shown).toContain('"type":"run_stopped"');
  expect(terminal.shown).not.toMatch(/[█░]/);
});

test.runIf(hasTerminal).each([40, 120])(
  "breaker in a window of %i columns names endpoints whole",
  async (columns) => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const simulator = await simulate();
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    await runHere(["breaker", "open"], { cwd });
    const [{ endpoint }] = JSON.parse((await runHere(["breaker", "--json"], { cwd })).stdout);
    const terminal = new Terminal(`'${process.execPath}' '${BIN}' breaker`, { cwd, env: {}, columns });
    expect(await terminal.ended).toBe(0);
    const { rows, broken } = screenOf(terminal, columns);
    expect(broken).toEqual([]);
    expect(words(rows)).toContain(endpoint);
    expect(words(rows)).toContain("blocked");
  },
);

test.runIf(hasTerminal && hasProgram("bash")).each([40, 80])(
  "commands in a window of %i columns are taken by a shell as they are shown",
  async (columns) => {
    const cwd = tempFolder();
    const id = "It's an id\nof several words, \u202eand too long for a line: which of them is `it`?";
    const db = `${"a-long-name-".repeat(9)} it's.db`;
    writeFileSync(join(cwd, "rows.jsonl"), JSON.stringify({ id, prompt: "x" }));
    const simulator = await simulate(["fault", "context-length"]);
    await runHere(["run", "rows.jsonl", ...at(simulator), "--db", db], { cwd });
    const status = `'${process.execPath}' '${BIN}' status --db '${db.replace("'", "'\\''")}'`;
    const terminal = new Terminal(status, { cwd, env: {}, columns });
    expect(await terminal.ended).toBe(0);
    const shown = stripVTControlCharacters(terminal.shown).replaceAll("\r", "");
    const [show] = /llm-batch show (?:.*\\\n)*.*/.exec(shown)!;
    const pasted = `llm-batch() { '${process.execPath}' '${BIN}' "$@"; }; ${show} --json`;
    const row = execFileSync("bash", ["-c", pasted], { cwd, env: { LC_ALL: "C.UTF-8" }, encoding: "utf8" });
    expect(JSON.parse(row)).toMatchObject({ id, status: "failed" });
  },
);
