/**
 * What the limiter costs: CPU time to admit and settle one call with 1,000 in flight, all quotas told.
 *
 *   node --import tsx test/bench/limiter.mjs
 */
import { Limiter } from "../../src/control/limiter/limiter.ts";

const CONCURRENCY = 1_000;
const CALLS = 1_000_000;
const AIM_US = 20;

const limits = {
  requestsPerMinute: 1e9,
  tokensPerMinute: 1e12,
  inputTokensPerMinute: 1e12,
  outputTokensPerMinute: 1e12,
  requestsPerDay: 1e12,
  tokensPerDay: 1e15,
  concurrency: CONCURRENCY,
  share: 1,
};

const usage = { inputTokens: 120, cachedInputTokens: 0, outputTokens: 90 };
const quota = [{ dimension: "requests", limit: 1e9, remaining: 1e9, resetMs: 10, windowMs: 60_000 }];
const answer = { output: '"yes"', model: "m", finishReason: "stop", usage };
const outcome = { kind: "succeeded", retryAfterMs: null, quota, answer };

const limiter = new Limiter(limits, { now: 0, wall: 0, maxConcurrency: CONCURRENCY, random: Math.random });
const flights = [];
let now = 1_000;

function admit() {
  const verdict = limiter.admit({ inputTokens: 100, outputTokens: 256 }, now);
  if (!verdict.admitted) throw new Error(`refused: ${verdict.reason}`);
  flights.push({ charge: verdict.charge, admittedAt: now });
}

while (flights.length < CONCURRENCY) admit();
const before = process.cpuUsage();
for (let call = 0; call < CALLS; call++) {
  now += 0.1;
  limiter.settle(flights[call % CONCURRENCY], outcome, now);
  const verdict = limiter.admit({ inputTokens: 100, outputTokens: 256 }, now);
  flights[call % CONCURRENCY] = { charge: verdict.charge, admittedAt: now };
}
const { user, system } = process.cpuUsage(before);
const perCallUs = (user + system) / CALLS;
console.log(
  `admit and settle at ${CONCURRENCY} in flight: ${perCallUs.toFixed(2)} us a call (aim: under ${AIM_US})`,
);
process.exitCode = perCallUs < AIM_US ? 0 : 1;
