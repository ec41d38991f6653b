import { expect, test } from "vitest";
import { type Condition, type Figures, type Knowledge, play, type Scenario } from "./scenario.ts";

/** Every figure is the worst over these. */
const SEEDS = [1, 2, 3];

const WINDOWS = ["bucket:60s", "bucket:1s", "fixed:60s", "sliding:10s"];

interface Gate {
  used: number;
  refused: number;
  reachedSeconds: number;
}

/** Percent of the provider's quota, percent of the calls, seconds. */
const GATES: Record<Knowledge, Record<Condition, Gate>> = {
  told: {
    steady: { used: 97, refused: 0.1, reachedSeconds: 60 },
    halved: { used: 92, refused: 1, reachedSeconds: 240 },
    // Twice of what the user told is not asked for.
    doubled: { used: 48.5, refused: 0, reachedSeconds: Infinity },
    outage: { used: 97, refused: 0.1, reachedSeconds: 60 },
    lying: { used: 92, refused: 0.6, reachedSeconds: 200 },
  },
  headers: {
    steady: { used: 94.5, refused: 0.2, reachedSeconds: 60 },
    halved: { used: 94, refused: 0.2, reachedSeconds: 60 },
    doubled: { used: 94, refused: 0.2, reachedSeconds: 60 },
    outage: { used: 94, refused: 0.2, reachedSeconds: 60 },
    lying: { used: 92, refused: 0.5, reachedSeconds: 200 },
  },
  untold: {
    steady: { used: 95, refused: 0.5, reachedSeconds: 200 },
    // At 600 a minute, half of it is below the rate from which on 0.5 % can be promised.
    halved: { used: 92, refused: 1, reachedSeconds: 240 },
    doubled: { used: 92, refused: 0.5, reachedSeconds: 240 },
    outage: { used: 92, refused: 0.5, reachedSeconds: 240 },
    lying: { used: 0, refused: 0, reachedSeconds: 0 },
  },
};

function* scenarios(): Generator<Scenario> {
  for (const knowledge of ["told", "headers", "untold"] as const) {
    for (const condition of ["steady", "halved", "doubled", "outage", "lying"] as const) {
      if (knowledge === "untold" && condition === "lying") continue;
      for (const window of WINDOWS) yield { requestsPerMinute: 600, window, condition, knowledge };
    }
  }
}

test("x", () => {
  const lines = [];
  for (const s of scenarios()) {
    const f = SEEDS.map((seed) => play(s, seed));
    const w: Figures = {
      used: Math.min(...f.map((x) => x.used)) * 100,
      refused: Math.max(...f.map((x) => x.refused)) * 100,
      reachedSeconds: Math.max(...f.map((x) => x.reachedSeconds)),
    };
    const g = GATES[s.knowledge][s.condition];
    const ok = w.used >= g.used && w.refused <= g.refused && w.reachedSeconds <= g.reachedSeconds;
    lines.push(
      `${s.knowledge} ${s.condition} ${s.window} used ${w.used.toFixed(1)} refused ${w.refused.toFixed(2)} reached ${w.reachedSeconds} ${ok ? "" : "MISSED"}`,
    );
  }
  process.stdout.write(lines.join("\n") + "\n");
  expect(1).toBe(1);
});
