import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BAD_INPUTS, type Defect } from "../helpers/bad-inputs.ts";
import { type Ended, runCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { simulate } from "../helpers/simulate.ts";
import { databaseNamed } from "../helpers/test-database.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/bad");
/** Processes side by side. */
const LANES = 4;

type Case = [name: string, defect: Defect];

/** Files whose rows are bad and need no flag are told of by one process, as when somebody gives them all at once. */
const FILES_AT_ONCE = 8;

const CASES = Object.entries(BAD_INPUTS);
const isPlain = ([, { code, flags, withModel }]: Case): boolean =>
  code === "INVALID_ROWS" && flags === undefined && withModel === undefined;

/** One of every code is told by the program itself, the others of that code by no process of their own. */
const oneOfEach = new Set(new Map(CASES.toReversed().map((one) => [one[1].code, one])).values());
const needsProcess = (group: readonly Case[]): boolean => group.length > 1 || oneOfEach.has(group[0] as Case);

function groups(): Case[][] {
  const plain = CASES.filter(isPlain);
  const together = Array.from({ length: Math.ceil(plain.length / FILES_AT_ONCE) }, (_, index) =>
    plain.slice(index * FILES_AT_ONCE, (index + 1) * FILES_AT_ONCE),
  );
  return [...together, ...CASES.filter((one) => !isPlain(one)).map((one) => [one])];
}

/** Runs every group to its end, in databases that their lane shares. */
async function runAll(cwd: string, url: string): Promise<Map<Case[], Ended>> {
  const ended = new Map<Case[], Ended>();
  const left = groups();
  const work = async (lane: number): Promise<void> => {
    for (let group = left.shift(); group; group = left.shift()) {
      const [[, { flags = [], withModel = true }]] = group as [Case];
      const files = group.map(([name]) => join(FOLDER, name));
      const model = withModel ? ["-m", "sim-1"] : [];
      const args = [
        "run",
        ...files,
        "--db",
        databaseNamed(cwd, `${lane}.db`),
        "--base-url",
        url,
        ...model,
        ...flags,
      ];
      ended.set(group, await (needsProcess(group) ? runCli : runHere)(args, { cwd }));
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => work(lane)));
  return ended;
}

/** What an error says of one file: the head, where it names no line, or the lines that name the file. */
function wordsOn(name: string, message: string): string {
  const listed = message.split("\n").filter((line) => line.startsWith("  ") && line.includes(`${name}:`));
  return listed.length > 0 ? listed.join("\n") : message;
}

function expectRefusal(group: readonly Case[], { code, stdout, stderr }: Ended): void {
  const [message, hint, ...more] = stderr.split(/^hint: /m);
  for (const [name, defect] of group) {
    expect(message, name).toMatch(new RegExp(`^${defect.code}: `));
    expect(wordsOn(name, message!), name).toMatch(defect.says);
    expect(hint, name).toMatch(defect.hint);
  }
  expect(more).toEqual([]);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

describe("a bad file is refused with place, code and hint", () => {
  test("each of its own kind, and nothing is stored or sent", async () => {
    const cwd = tempFolder();
    const simulator = await simulate();
    const ended = await runAll(cwd, simulator.url);
    expect(ended.size).toBe(groups().length);
    for (const [group, end] of ended) expectRefusal(group, end);
    expect(simulator.stats().calls).toBe(0);
    for (let lane = 0; lane < LANES; lane++) {
      const { stdout } = await runHere(["runs", "--json", "--db", databaseNamed(cwd, `${lane}.db`)], { cwd });
      expect(JSON.parse(stdout)).toEqual([]);
    }
  });

  test("and there are at least forty kinds, none without its file or its test", () => {
    expect(Object.keys(BAD_INPUTS).length).toBeGreaterThanOrEqual(40);
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(BAD_INPUTS).sort());
  });
});
