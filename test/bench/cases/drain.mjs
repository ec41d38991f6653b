import { join } from "node:path";
import { BIN, interleave, jsonRow, measureNode, median, medianRatio, writeLines } from "../harness.mjs";
import { takeRate, withProvider } from "../with-provider.mjs";

const LOOP = join(import.meta.dirname, "../loops/undici.mjs");
let databases = 0;

/** A whole `run`: import, drain, durable record, export. */
export function runArgs(url, slots, flags = []) {
  const database = `run-${++databases}.db`;
  const to = ["--base-url", `${url}/v1`, "-m", "bench-1", "-c", String(slots), "-o", `${database}.jsonl`];
  return [BIN, "run", "rows.jsonl", "--db", database, ...to, ...flags];
}

export const QUIET = ["--progress", "none", "-q"];

async function againstLoop({ rounds, folder, url, rows, slots, skip }) {
  const rated = async (args) => {
    const measured = await measureNode(args, { cwd: folder });
    return {
      ...measured,
      rate: await takeRate(url, slots, skip),
      cpuPerRowUs: (measured.cpuSeconds / rows) * 1e6,
    };
  };
  writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
  return interleave(rounds, {
    bare: () => rated([LOOP, url, String(rows), String(slots)]),
    run: () => rated(runArgs(url, slots, QUIET)),
  });
}

const shown = (measured, of) => median(measured.map(of)).toFixed(0);

/** Sending as fast as the provider answers: the tool's own CPU is all that counts. */
export const drain = {
  name: "drain",
  about: "20,000 rows, latency 0, 64 calls in flight: the whole run beside a bare undici loop",
  run: ({ rounds, quick, folder }) =>
    withProvider(0, async (url) => {
      const rows = quick ? 5_000 : 20_000;
      const { bare, run } = await againstLoop({ rounds, folder, url, rows, slots: 64 });
      return [
        {
          what: "CPU per row",
          figure: `${shown(run, (one) => one.cpuPerRowUs)} us`,
          limit: `${shown(bare, (one) => one.cpuPerRowUs)} us`,
          ratio: medianRatio(run, bare, (one) => one.cpuPerRowUs),
          most: 1.6,
        },
        {
          what: "requests per second",
          figure: shown(run, (one) => one.rate),
          limit: shown(bare, (one) => one.rate),
          ratio: medianRatio(run, bare, (one) => one.rate),
          least: 0.6,
        },
      ];
    }),
};

export const drain50 = {
  name: "drain-50ms",
  about: "latency 50 ms, 100 calls in flight: how much of a bare undici loop's rate is reached",
  run: ({ rounds, quick, folder }) =>
    withProvider(50, async (url) => {
      const rows = quick ? 3_000 : 20_000;
      const { bare, run } = await againstLoop({ rounds, folder, url, rows, slots: 100 });
      return [
        {
          what: "requests per second",
          figure: shown(run, (one) => one.rate),
          limit: shown(bare, (one) => one.rate),
          ratio: medianRatio(run, bare, (one) => one.rate),
          least: 0.97,
        },
      ];
    }),
};

/** Calls that begin together stay in step, each round of them in a burst, until what a reply costs has spread them. */
const ROUNDS_IN_STEP = 6;

export const inFlight = {
  name: "in-flight",
  about: "latency 1 s, 2,000 calls in flight: how much of 2,000 requests per second is reached",
  run: ({ rounds, quick, folder }) =>
    withProvider(1_000, async (url) => {
      const slots = 2_000;
      const rows = slots * (quick ? 10 : 16);
      const { bare, run } = await againstLoop({ rounds, folder, url, rows, slots, skip: ROUNDS_IN_STEP });
      const rate = shown(run, (one) => one.rate);
      const beside = { figure: rate, limit: shown(bare, (one) => one.rate) };
      return [
        { what: "requests per second", figure: rate, limit: "2000", ratio: rate / slots, least: 0.98 },
        { what: "beside a bare loop", ...beside, ratio: medianRatio(run, bare, (one) => one.rate) },
      ];
    }),
};
