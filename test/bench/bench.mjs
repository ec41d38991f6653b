// How close to the limit llm-batch comes: each case beside its own limit, measured in turn with it.
//   npm run bench -- [case ...] [--quick] [--list]
import { cpus, release, totalmem } from "node:os";
import { drain, drain50, inFlight } from "./cases/drain.mjs";
import { files } from "./cases/files.mjs";
import { growth } from "./cases/growth.mjs";
import { observers } from "./cases/observers.mjs";
import { peers } from "./cases/peers.mjs";
import { scripts } from "./cases/scripts.mjs";
import { start } from "./cases/start.mjs";
import { store } from "./cases/store.mjs";
import { inFolder } from "./harness.mjs";

const CASES = [drain, drain50, inFlight, files, store, start, observers, peers, growth, ...scripts];
const ROUNDS = 5;
const QUICK_ROUNDS = 3;

const words = process.argv.slice(2);
const quick = words.includes("--quick");
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.find((name) => !CASES.some((one) => one.name === name));

if (words.includes("--list") || unknown) {
  if (unknown) console.error(`no case is called ${unknown}; there are:`);
  for (const { name, about } of CASES) console.log(`${name.padEnd(12)} ${about}`);
  process.exitCode = unknown ? 2 : 0;
} else {
  await main(names.length > 0 ? CASES.filter(({ name }) => names.includes(name)) : CASES);
}

async function main(cases) {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${memoryGb()} GB, Linux ${release()}`,
  );
  console.log(`medians of ${rounds} rounds${quick ? ", quick: sizes are small, so figures are rough" : ""}`);
  let held = true;
  for (const { name, about, run } of cases) {
    console.log(`\n${name}: ${about}`);
    const rows = await inFolder((folder) => run({ rounds, quick, folder }));
    for (const row of rows) {
      console.log(`  ${line(row)}`);
      held &&= isHeld(row);
    }
  }
  process.exitCode = held ? 0 : 1;
}

function line({ what, figure, limit, ratio, most, least }) {
  const gate = most === undefined ? least !== undefined && `>= ${least}` : `<= ${most}`;
  const verdict = gate && (isHeld({ ratio, most, least }) ? `${gate} held` : `${gate} MISSED`);
  return [
    what.padEnd(48),
    figure.padStart(24),
    limit.padStart(24),
    ratio?.toFixed(2).padStart(8) ?? "",
    verdict || "",
  ].join("  ");
}

function isHeld({ ratio, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }) {
  return ratio === null || (ratio <= most && ratio >= least);
}

function memoryGb() {
  return Math.round(totalmem() / 1024 ** 3);
}
