/**
 * What the gate costs: CPU time to admit and settle one call, with 1,000 in flight and as many waiting.
 *
 *   node --import tsx test/bench/gate.mjs
 */
import { Gate } from "../../src/control/gate.ts";
import { Limiter } from "../../src/control/limiter/limiter.ts";
import { systemClock } from "../../src/system/clock.ts";

const CONCURRENCY = 1_000;
const CALLS = 300_000;
const AIM_US = 20;

const outcome = {
  kind: "succeeded",
  code: "",
  message: "",
  httpStatus: 200,
  requestId: null,
  retryAfterMs: null,
  blockedBy: null,
  quota: [],
  answer: {
    output: '"yes"',
    model: "m",
    finishReason: "stop",
    usage: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 100 },
  },
  raw: null,
};

function makeGate() {
  const limits = {
    requestsPerMinute: 1e9,
    tokensPerMinute: 1e12,
    inputTokensPerMinute: "auto",
    outputTokensPerMinute: "auto",
    requestsPerDay: "auto",
    tokensPerDay: "auto",
    concurrency: CONCURRENCY,
    share: 1,
  };
  const now = systemClock.now();
  const made = { now, wall: systemClock.wall(), maxConcurrency: CONCURRENCY, random: Math.random };
  return new Gate({
    clock: systemClock,
    random: Math.random,
    limiter: new Limiter(limits, made),
    breaker: { failures: 5, cooldownMs: 30_000, probes: 1, on429: false },
    saved: null,
    name: "test",
    maxConcurrency: CONCURRENCY,
    onEvent: () => {},
  });
}

async function run() {
  const gate = makeGate();
  const estimate = { inputTokens: 100, outputTokens: 100 };
  let id = 0;
  let done = 0;
  const worker = async () => {
    while (id < CALLS) {
      id += 1;
      const job = { id, key: `row-${id}`, attempt: 1, failures: 0, row: "{}", model: null };
      const permit = await gate.admit(job, estimate);
      gate.settle(permit, outcome);
      done += 1;
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: 2 * CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(before);
  gate.shut();
  return (user + system) / done;
}

const runs = [await run(), await run(), await run()].sort((a, b) => a - b);
const median = runs[1];
process.stdout.write(`admit + settle: ${median.toFixed(2)} us CPU (aim: below ${AIM_US} us)\n`);
process.exitCode = median < AIM_US ? 0 : 1;
