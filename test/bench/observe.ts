/**
 * `npm run bench:observe`: what it costs to see a run. Drains the same rows through the same simulator, in a process of its
 * own, in turns with nothing that looks on and with all of it: the history, the bar on a terminal, and metrics that are scraped
 * every five seconds. Prints the median of the pairs' ratios, of this process's CPU and of rows a second. Exits 1 when either costs
 * more than 3 %. `npm run bench:observe -- history` looks at one of them alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { drainRun } from "../../src/app/drain-run.ts";
import { openRun } from "../../src/app/open-run.ts";
import { requestSettings } from "../../src/app/request-settings.ts";
import type { CliContext, GlobalOptions, OutputStream } from "../../src/cli/context.ts";
import { openMetrics } from "../../src/cli/open-metrics.ts";
import { startProgress } from "../../src/cli/progress/progress.ts";
import { flagSource, resolveOptions } from "../../src/config/resolve.ts";
import type { Run } from "../../src/domain/run.ts";
import { HistoryRecorder } from "../../src/observe/history/recorder.ts";
import type { Store } from "../../src/ports/store.ts";
import type { RunEvent } from "../../src/scheduler/events.ts";
import type { Lane } from "../../src/scheduler/lane.ts";
import { StopSwitch } from "../../src/scheduler/stop.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { type Started, startCli } from "../helpers/start-cli.ts";

const ROWS = 16_000;
const PAIRS = 9;
const MOST_COST = 0.03;
const SCRAPE_EVERY_MS = 5_000;
const PARTS = ["history", "progress", "metrics"] as const;
type Part = (typeof PARTS)[number];

interface Onlooker {
  see(event: RunEvent): void;
  watch(lanes: readonly Lane[]): void;
  close(): Promise<void> | void;
}

interface Cost {
  cpuMs: number;
  wallMs: number;
}

async function urlOf({ process: { stdout }, output }: Started): Promise<string> {
  while (!output().stdout.includes("\n")) await new Promise((resolve) => stdout!.once("data", resolve));
  return JSON.parse(output().stdout).url;
}

async function play(wanted: readonly Part[]): Promise<Cost> {
  const path = join(folder, `${Math.random()}.db`);
  const clock = systemClock;
  const store = await openStore({ path, clock, random: Math.random, durability: "normal" });
  const flags = { baseUrl: url, model: "m", concurrency: "64" };
  const options = resolveOptions([flagSource(flags)]);
  const request = requestSettings(options, {});
  const stdin = new PassThrough();
  const given = {
    inputs: [input],
    stdin,
    options,
    given: flags,
    request,
    env: {},
    fresh: true,
    say: () => {},
  };
  const run = await openRun({ store, ...given });
  const cpuBefore = process.cpuUsage();
  const wallBefore = clock.now();
  const onlookers = await Promise.all(wanted.map((part) => ONLOOKERS[part](store, run)));
  await drainRun({
    store,
    run,
    options,
    env: {},
    clock,
    random: Math.random,
    stop: new StopSwitch(),
    observe: (event) => {
      for (const onlooker of onlookers) onlooker.see(event);
    },
    onLanes: (lanes) => {
      for (const onlooker of onlookers) onlooker.watch(lanes);
    },
  });
  for (const onlooker of onlookers) await onlooker.close();
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = clock.now() - wallBefore;
  await store.close();
  return { cpuMs: (user + system) / 1_000, wallMs };
}

type OpenOnlooker = (store: Store, run: Run) => Promise<Onlooker> | Onlooker;

const ONLOOKERS: Readonly<Record<Part, OpenOnlooker>> = {
  history: (store, run) => new HistoryRecorder({ store, run: run.id, clock: systemClock }),
  progress: (store, run) => startProgress({ context: terminal(), globals: GLOBALS, store, run }),
  metrics: async (store, run) => {
    const stderr = sink();
    const context = { ...terminal(), stderr };
    const metrics = (await openMetrics({ context, globals: GLOBALS }, store, run, 0))!;
    const at = /http\S+/.exec(String(stderr.read()))![0];
    const scraping = setInterval(() => void fetch(at).then((reply) => reply.text()), SCRAPE_EVERY_MS);
    return {
      see: (event) => metrics.see(event),
      watch: (lanes) => metrics.watch(lanes),
      close: () => {
        clearInterval(scraping);
        return metrics.close();
      },
    };
  },
};

const GLOBALS: GlobalOptions = {
  db: "",
  address: null,
  config: null,
  envFile: null,
  json: false,
  quiet: false,
  verbose: false,
  color: false,
  progress: "bar",
};

function sink(): OutputStream & PassThrough {
  return Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 30 });
}

/** A terminal whose output goes nowhere. */
function terminal(): CliContext {
  const stderr = sink().resume();
  return {
    env: {},
    stdin: new PassThrough(),
    stdout: sink(),
    stderr,
    clock: systemClock,
    random: Math.random,
    withLargeHeap: (work) => work(),
  };
}

function told({ cpuMs, wallMs }: Cost): string {
  return `${Math.round((ROWS / wallMs) * 1_000)} rows/s ${((cpuMs * 1_000) / ROWS).toFixed(0)} us a row`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const only = process.argv[2] as Part | undefined;
const parts = only === undefined ? PARTS : [only];
const folder = mkdtempSync(join(tmpdir(), "llm-batch-observe-"));
const input = join(folder, "rows.jsonl");
const prompts = Array.from({ length: ROWS }, (_, row) => JSON.stringify({ prompt: `What is ${row}?` }));
writeFileSync(input, prompts.join("\n"));
const simulator = startCli(["simulate", "--port", "0", "--latency", "20ms", "--json"], { cwd: folder });
const url = await urlOf(simulator);

await play([]);
const ratios: { cpu: number; rate: number }[] = [];
for (let pair = 0; pair < PAIRS; pair++) {
  // Each goes first in its turn.
  const [a, b] = pair % 2 === 0 ? [await play([]), await play(parts)] : [await play(parts), await play([])];
  const [off, on] = pair % 2 === 0 ? [a, b] : [b, a];
  ratios.push({ cpu: on.cpuMs / off.cpuMs, rate: off.wallMs / on.wallMs });
  console.log(`off ${told(off)}, on ${told(on)}`);
}
const cpu = median(ratios.map((ratio) => ratio.cpu));
const rate = median(ratios.map((ratio) => ratio.rate));
console.log(`${parts.join(" + ")}: CPU x ${cpu.toFixed(3)}, rows a second x ${rate.toFixed(3)}`);
simulator.process.kill("SIGTERM");
await simulator.ended;
rmSync(folder, { recursive: true });
process.exitCode = cpu <= 1 + MOST_COST && rate >= 1 - MOST_COST ? 0 : 1;
