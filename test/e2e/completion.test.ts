import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { writePrompts } from "../helpers/rows.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { hasProgram, Terminal } from "../helpers/terminal.ts";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const SHELLS = ["bash", "zsh", "fish"] as const;
const PROMPT = "ready> ";
const canType = (shell: string): boolean => hasProgram(shell) && hasProgram("script");

/** Stands in for the program: it shows the words it was called with, but for the shell's own question. */
const STAND_IN = `#!/bin/sh
for word; do
  [ "$word" = complete-runs ] && exec '${process.execPath}' '${BIN}' "$@"
done
for word; do printf '<%s>' "$word"; done
echo .
`;

/** A folder with a run in its database, an input of a name with a space, and the shells' scripts. */
async function workplace(): Promise<{ cwd: string; run: string; env: Record<string, string> }> {
  const cwd = tempFolder();
  writePrompts(cwd, 1, "my prompts.jsonl");
  const simulator = await simulate();
  const args = ["run", "my prompts.jsonl", ...at(simulator), "--db", "other.db", "--json"];
  const { stdout } = await runCli(args, { cwd });
  mkdirSync(join(cwd, "bin"));
  writeFileSync(join(cwd, "bin/llm-batch"), STAND_IN);
  chmodSync(join(cwd, "bin/llm-batch"), 0o755);
  for (const shell of SHELLS) {
    writeFileSync(join(cwd, `completion.${shell}`), (await runCli(["completion", shell], { cwd })).stdout);
  }
  const env = { PATH: `${join(cwd, "bin")}:${process.env.PATH}`, PS1: PROMPT, PROMPT };
  return { cwd, run: lastLine(stdout).run, env };
}

/** What is typed before TAB, and the words that come of it. RUN stands for the id of the run. */
const TYPED: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ["sta", ["status"]],
  ["run --stall", ["run", "--stall-timeout"]],
  ["--db other.db sta", ["--db", "other.db", "status"]],
  ["run --progress pl", ["run", "--progress", "plain"]],
  ["run --progress=pl", ["run", "--progress=plain"]],
  ["export --output-format par", ["export", "--output-format", "parquet"]],
  ["run --durability no", ["run", "--durability", "normal"]],
  ["completion zs", ["completion", "zsh"]],
  ["breaker res", ["breaker", "reset"]],
  ["run my", ["run", "my prompts.jsonl"]],
  ["resume --log-file my", ["resume", "--log-file", "my prompts.jsonl"]],
  ["--db other.db status r_", ["--db", "other.db", "status", "RUN"]],
];

const START: Readonly<Record<string, readonly [command: string, setUp: string]>> = {
  bash: ["bash --noprofile --norc -i", "source ./completion.bash"],
  zsh: ["zsh -f -i", "autoload -Uz compinit; compinit -u -D; source ./completion.zsh"],
};

for (const shell of SHELLS.filter((name) => !canType(name)))
  process.stderr.write(`SKIPPED: completion in ${shell}, which needs ${shell} and script\n`);

describe.each(SHELLS.filter(canType))("completion in %s", (shell) => {
  let place: Awaited<ReturnType<typeof workplace>>;
  beforeEach(async () => {
    place = await workplace();
  });

  test("is a script that the shell can read, with the way to install it at its head", () => {
    const { cwd } = place;
    const read = spawnSync(shell, ["-n", `completion.${shell}`], { cwd, encoding: "utf8" });
    expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: "" });
    const head = spawnSync("head", ["-5", `completion.${shell}`], { cwd, encoding: "utf8" }).stdout;
    expect(head).toContain(`llm-batch completion ${shell}`);
  });

  test("of what is typed gives commands, flags, choices, files and run ids", async () => {
    const offered = shell === "fish" ? askFish : await typeInto(shell, place);
    for (const [typed, words] of TYPED) {
      const expected = words.map((word) => (word === "RUN" ? place.run : word));
      expect(await offered(typed, place)).toEqual(expected);
    }
  });
});

type Offered = (typed: string, place: { cwd: string; env: Record<string, string> }) => Promise<string[]>;

/** Types into a shell in a terminal, presses TAB and Enter, and reads what the program was called with. */
async function typeInto(
  shell: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Offered> {
  const [command, setUp] = START[shell]!;
  const terminal = new Terminal(command, { cwd, env });
  await terminal.see(/ready> /);
  terminal.type(`${setUp}\n`);
  await terminal.see(/ready> /);
  return async (typed) => {
    terminal.type(`llm-batch ${typed}\t\n`);
    const [, words] = await terminal.see(/[\r\n]((?:<[^<>]*>)+)\.\r?\n/);
    await terminal.see(/ready> /);
    return [...words!.matchAll(/<([^<>]*)>/g)].map(([, word]) => word!);
  };
}

/** fish tells what it would offer; the only offer takes the place of the last word. */
async function askFish(typed: string, { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const ask = `source completion.fish; complete -C ${JSON.stringify(`llm-batch ${typed}`)}`;
  const { stdout } = spawnSync("fish", ["--no-config", "-c", ask], {
    cwd,
    env: { HOME: cwd, ...env },
    encoding: "utf8",
  });
  const offers = stdout.trimEnd().split("\n");
  const [word] = offers.map((offer) => offer.split("\t")[0]!);
  return offers.length === 1 ? [...typed.split(" ").slice(0, -1), word!] : offers;
}
