import { describe, expect, test } from "vitest";
import { type Batch, type Condition, type Figures, type Knowledge, play, playBatch } from "./scenario.ts";

/** Every figure of the table is the worst over these. */
const SEEDS = [1, 2, 3];

const WINDOWS = ["bucket:60s", "bucket:1s", "fixed:60s", "sliding:10s"];

interface Gate {
  /** At least, percent of the provider's quota. */
  used: number;
  /** At most, percent of the calls. */
  refused: number;
  /** At most, seconds to 90 % of the rate from the start or the change. */
  reached: number;
}

const GATES: Record<Knowledge, Partial<Record<Condition, Gate>>> = {
  told: {
    steady: { used: 97, refused: 0.1, reached: 60 },
    halved: { used: 93, refused: 1, reached: 240 },
    // Of 60 calls a minute, each refusal is a large part.
    tenth: { used: 90, refused: 8, reached: 300 },
    // 5 % are refused at any rate.
    noisy: { used: 90, refused: 6, reached: Infinity },
    // More than the user told is never taken.
    doubled: { used: 48.5, refused: 0, reached: Infinity },
    outage: { used: 97, refused: 0.1, reached: 60 },
    lying: { used: 93, refused: 0.5, reached: 200 },
  },
  headers: {
    steady: { used: 94.9, refused: 0, reached: 60 },
    halved: { used: 94.9, refused: 0.2, reached: 60 },
    doubled: { used: 94.9, refused: 0.2, reached: 60 },
    outage: { used: 94.9, refused: 0.2, reached: 60 },
    lying: { used: 95, refused: 0.5, reached: 200 },
    noisy: { used: 85, refused: 6, reached: Infinity },
  },
  untold: {
    steady: { used: 95, refused: 0.5, reached: 200 },
    // At 300 a minute, each sign of the limit is a larger part of the calls.
    halved: { used: 93, refused: 1, reached: 240 },
    doubled: { used: 93, refused: 0.5, reached: 240 },
    outage: { used: 93, refused: 0.5, reached: 240 },
    // The limit is found among refusals that aren't its own.
    noisy: { used: 60, refused: 10, reached: Infinity },
  },
};

function worst(all: readonly Figures[]): Gate {
  return {
    used: 100 * Math.min(...all.map(({ used }) => used)),
    refused: 100 * Math.max(...all.map(({ refused }) => refused)),
    reached: Math.max(...all.map(({ reachedSeconds }) => reachedSeconds)),
  };
}

/** Plays every window under every condition, and returns the lines of a table and those that missed their gate. */
function table(
  requestsPerMinute: number,
  knowledge: Knowledge,
  conditions: readonly Condition[],
  seeds: readonly number[],
): { lines: string[]; missed: string[] } {
  const lines: string[] = [];
  const missed: string[] = [];
  for (const condition of conditions) {
    for (const window of WINDOWS) {
      const scenario = { requestsPerMinute, window, condition, knowledge };
      const { used, refused, reached } = worst(seeds.map((seed) => play(scenario, seed)));
      const gate = GATES[knowledge][condition]!;
      const name =
        `${requestsPerMinute}`.padStart(5) +
        ` ${knowledge.padEnd(8)}${condition.padEnd(8)}${window.padEnd(12)}`;
      const line = `${name}${used.toFixed(1).padStart(6)}${refused.toFixed(2).padStart(9)}${String(reached).padStart(10)}`;
      lines.push(line);
      if (used < gate.used || refused > gate.refused || reached > gate.reached) missed.push(line);
    }
  }
  return { lines, missed };
}

const KNOWLEDGE = Object.keys(GATES) as Knowledge[];

describe("quotas are used and kept to, whatever the provider's windows do", () => {
  test.each([
    ...KNOWLEDGE.map((knowledge) => ({
      rpm: 600,
      knowledge,
      conditions: Object.keys(GATES[knowledge]) as Condition[],
      seeds: SEEDS,
    })),
    { rpm: 6_000, knowledge: "untold", conditions: ["steady"], seeds: SEEDS.slice(0, 1) } as const,
  ])("$rpm requests a minute, limits by $knowledge", ({ rpm, knowledge, conditions, seeds }) => {
    const { lines, missed } = table(rpm, knowledge, conditions, seeds);
    const header = "  RPM limits  provider            used %  refused %  90 % after s";
    process.stdout.write(`${[header, ...lines].join("\n")}\n`);
    expect(missed).toEqual([]);
  });
});

const BATCH = { rows: 3_000, requestsPerMinute: 6_000, tokensPerMinute: 600_000 };

const BATCHES: readonly (Batch & { stretch: number; refused: number })[] = [
  ...["bucket:60s", "bucket:1s", "fixed:60s"].flatMap((window) => [
    { ...BATCH, window, knowledge: "told" as const, stretch: 1.03, refused: 0.001 },
    { ...BATCH, window, knowledge: "headers" as const, stretch: 1.15, refused: 0.002 },
  ]),
  {
    ...BATCH,
    tokensPerMinute: 450_000,
    window: "bucket:1s",
    knowledge: "told",
    stretch: 1.03,
    refused: 0.001,
  },
];

test.each(BATCHES)(
  "$rows rows with limits by $knowledge on a $window take at most $stretch of the ideal",
  (batch) => {
    for (const seed of SEEDS) {
      const { stretch, refused } = playBatch(batch, seed);
      expect(stretch).toBeLessThanOrEqual(batch.stretch);
      expect(refused).toBeLessThanOrEqual(batch.refused);
    }
  },
);
