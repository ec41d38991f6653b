import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { hasProgram, Terminal } from "../helpers/terminal.ts";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const hasTerminal = hasProgram("script");
if (!hasTerminal) process.stderr.write("SKIPPED: status --watch in a terminal, which needs script\n");

const ESCAPE = "\x1b[";
const HIDE_CURSOR = `${ESCAPE}?25l`;
const CTRL_C = "\x03";

/** A run that goes on for as long as the test, and a second terminal that watches it. */
async function watched(columns: number): Promise<Terminal> {
  const cwd = tempFolder();
  writePrompts(cwd, 500);
  const simulator = await simulate(["latency", "500ms"]);
  const run = startCli(["run", "prompts.jsonl", ...at(simulator), "-c", "2"], { cwd });
  await new Promise((resolve) => run.process.stderr!.once("data", resolve));
  const watch = `'${process.execPath}' '${BIN}' status --watch`;
  const terminal = new Terminal(watch, { cwd, env: { NO_COLOR: "1" }, columns });
  await terminal.see(/[1-9]\d*\/500/);
  await terminal.see(/\d+\/500/);
  terminal.type(CTRL_C);
  await terminal.see(/rows +\d+ of 500/);
  run.process.kill("SIGKILL");
  await run.ended;
  return terminal;
}

describe.runIf(hasTerminal).each([40, 80, 200])("status --watch in %i columns", (columns) => {
  test("redraws one line that fits, and leaves the terminal as it was on Ctrl-C", async () => {
    const { shown } = await watched(columns);
    expect(shown).not.toContain(HIDE_CURSOR);
    const end = shown.search(/r_\w+ running: prompts\.jsonl/);
    expect(end).toBeGreaterThan(0);
    for (const line of drawnIn(shown.slice(0, end))) expect(line.length).toBeLessThan(columns);
    expect(shown.split(ESCAPE).filter((text) => /^[\d;]*m/.test(text))).toEqual([]);
  });
});

/** The bars that were drawn, one over the other. */
function drawnIn(shown: string): string[] {
  const texts = shown.split(ESCAPE).map((text) => text.replace(/^[?\d;]*[A-Za-z]/, ""));
  const drawn = texts.flatMap((text) => text.split(/[\r\n]+/)).filter((text) => /[█░]/.test(text));
  expect(drawn.length).toBeGreaterThan(1);
  return drawn;
}
