// What the cases of the bench have in common: files, child processes with their CPU time and peak memory, medians.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const PEAK_HOOK = `process.on("exit", () => require("node:fs").writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS)))`;
const HOOK = `data:text/javascript,${encodeURIComponent(
  `import { createRequire } from "node:module"; const require = createRequire("/"); ${PEAK_HOOK}`,
)}`;
/** `times` is the shell's own: what its children have used. */
const TIMED = '"$@"; code=$?; times > "$BENCH_TIMES"; exit $code';

/** A folder of its own, on the disk that `TMPDIR` names. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a command to its end: seconds by the clock, seconds of CPU, and its stdout. `terminal` gives it one of its own, made by
 * `script` of util-linux, whose CPU doesn't count.
 */
export async function measure(command, args, options) {
  const { cwd, exitCodes = [0], input = null, env = {}, terminal = false } = options;
  const times = join(cwd, "times");
  const startedAt = performance.now();
  const timed = ["-c", TIMED, "sh", command, ...args];
  const [shell, words] = terminal ? ["script", inTerminal(["sh", ...timed])] : ["sh", timed];
  const child = spawn(shell, words, {
    cwd,
    env: { ...process.env, OPENAI_API_KEY: "none", BENCH_TIMES: times, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (part) => (text[name] += part));
  child.stdin.end(input ?? "");
  const code = await new Promise((resolve) => child.on("close", resolve));
  const seconds = (performance.now() - startedAt) / 1_000;
  if (!exitCodes.includes(code))
    throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${text.stderr}`);
  return { seconds, cpuSeconds: cpuOf(readFileSync(times, "utf8")), stdout: text.stdout };
}

/** As `measure`, of a Node program: with its peak of memory. */
export async function measureNode(args, options) {
  const peak = join(options.cwd, "peak");
  const measured = await measure(process.execPath, ["--import", HOOK, ...args], {
    ...options,
    env: { ...options.env, BENCH_PEAK: peak },
  });
  return { ...measured, peakMb: Number(readFileSync(peak, "utf8")) / 1_024 };
}

function inTerminal(words) {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return ["-qefc", `stty cols 120 rows 40; ${quoted}`, "/dev/null"];
}

/** The second line of `times` is that of the children: `0m1.23s 0m0.45s`. */
function cpuOf(times) {
  const [, children] = times.trim().split("\n");
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => minutes * 60 + Number(rest),
  );
  return seconds[0] + seconds[1];
}

/**
 * Measures everything once a round, so that what else the machine does hits all alike. Each round begins with the next one: what
 * the one before leaves to the disk to write would hit always the same.
 */
export async function interleave(rounds, measures) {
  const names = Object.keys(measures);
  const all = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)])
      all[name].push(await measures[name]());
  }
  return all;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the rounds' own ratios: each compares what was measured side by side. */
export function medianRatio(measured, limits, of) {
  return median(measured.map((one, round) => of(one) / of(limits[round])));
}

/** Writes `count` lines, a block at a time. */
export function writeLines(path, count, lineOf, head = "") {
  const file = openSync(path, "w");
  let block = head;
  for (let row = 1; row <= count; row++) {
    block += `${lineOf(row)}\n`;
    if (block.length > 1 << 20 || row === count) {
      writeSync(file, block);
      block = "";
    }
  }
  closeSync(file);
}

const PROMPT = "Say something about foxes and dogs, in about fifteen words, and be quick about it please.";
export const promptOf = (row) => `${row} ${PROMPT}`;
export const jsonRow = (row) => JSON.stringify({ id: `r${row}`, prompt: promptOf(row) });
export const csvRow = (row) => `r${row},"${promptOf(row)}"`;
