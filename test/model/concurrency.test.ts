import { expect, test } from "vitest";
import { limitsOf } from "../helpers/limits.ts";
import { outcomeOf } from "../helpers/outcome.ts";
import { seeded } from "../helpers/seeded.ts";
import { lognormal } from "./lognormal.ts";
import { simulate } from "./simulate.ts";

const ROW = { estimate: { inputTokens: 50, outputTokens: 0 } };

/** A server without limits that works on so many calls at once and lets the others wait. */
class QueueingServer {
  readonly #freeAt: number[];
  readonly #latencyMs: () => number;
  readonly #latestAt: number[] = [];
  deepest = 0;

  constructor(places: number, latencyMs: () => number) {
    this.#freeAt = new Array<number>(places).fill(0);
    this.#latencyMs = latencyMs;
  }

  call(now: number) {
    const place = this.#freeAt.indexOf(Math.min(...this.#freeAt));
    const endsAt = Math.max(now, this.#freeAt[place]!) + this.#latencyMs();
    this.#freeAt[place] = endsAt;
    this.#latestAt.push(endsAt);
    if (now > 120_000) this.deepest = Math.max(this.deepest, this.#latestAt.filter((at) => at > now).length);
    return { afterMs: endsAt - now, outcome: outcomeOf("succeeded") };
  }
}

test("an unlimited server of 100 ms gets 2,000 rows in at most 1.5 times of what 64 slots take", () => {
  const random = seeded(1);
  const answer = { afterMs: 100, outcome: outcomeOf("succeeded") };
  const trace = simulate({
    limits: limitsOf({}),
    slots: 64,
    random,
    nextRow: () => ROW,
    call: () => answer,
    rows: 2_000,
  });
  expect(trace.endedMs).toBeLessThanOrEqual(1.5 * 3_200);
});

test.each([1, 2, 3])("a server that queues is kept busy without a queue that grows (seed %i)", (seed) => {
  const random = seeded(seed);
  const server = new QueueingServer(32, lognormal(random, 2_000, 0.4));
  const rows = 8_000;
  const trace = simulate({
    limits: limitsOf({}),
    slots: 1_000,
    random,
    nextRow: () => ROW,
    call: (_row, now) => server.call(now),
    rows,
  });
  const busyMs = (rows / 32) * 2_000 * Math.exp(0.4 ** 2 / 2);
  expect(trace.endedMs).toBeLessThanOrEqual(1.1 * busyMs);
  expect(server.deepest).toBeLessThanOrEqual(2.5 * 32);
});

test("a server that says it is overloaded above 50 calls settles near them", () => {
  const random = seeded(1);
  let inFlight: number[] = [];
  let overloads = 0;
  const latency = lognormal(random, 2_000, 0.4);
  const trace = simulate({
    limits: limitsOf({ requestsPerMinute: 6_000 }),
    slots: 200,
    random,
    nextRow: () => ROW,
    call: (_row, now) => {
      inFlight = inFlight.filter((at) => at > now);
      if (inFlight.length >= 50) {
        overloads++;
        return { afterMs: 50, outcome: outcomeOf("overloaded") };
      }
      const afterMs = latency();
      inFlight.push(now + afterMs);
      return { afterMs, outcome: outcomeOf("succeeded") };
    },
    rows: 10_000,
  });
  expect(overloads / 10_000).toBeLessThan(0.05);
  expect(trace.endedMs).toBeLessThanOrEqual(1.3 * (10_000 / 50) * 2_000 * Math.exp(0.4 ** 2 / 2));
});

test.each([1, 2, 3])("one overload in a hundred calls leaves the quota used (seed %i)", (seed) => {
  const random = seeded(seed);
  const latency = lognormal(random, 300, 0.4);
  let strays = 0;
  const trace = simulate({
    limits: limitsOf({ requestsPerMinute: 6_000 }),
    slots: 1_000,
    random,
    nextRow: () => ROW,
    call: () => {
      if (random() >= 0.01) return { afterMs: latency(), outcome: outcomeOf("succeeded") };
      strays += 1;
      return { afterMs: 50, outcome: outcomeOf("overloaded") };
    },
    rows: 6_000,
  });
  expect(strays).toBeGreaterThan(30);
  expect(trace.endedMs).toBeLessThanOrEqual(60_000 / 0.95);
});
