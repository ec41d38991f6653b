import { expect, test } from "vitest";
import type { OutcomeKind } from "../../../src/domain/outcome.ts";
import { stopReason } from "../../../src/domain/stop-reason.ts";
import type { Random } from "../../../src/ports/random.ts";
import type { Outlet } from "../../../src/scheduler/outlet.ts";
import { StopSwitch } from "../../../src/scheduler/stop.ts";
import { outletOf, type Rig, rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { seeded } from "../../helpers/seeded.ts";

const MINUTE_MS = 60_000;
/** Far beyond every outage and every wait that follows one. */
const MOST_MS = 300 * MINUTE_MS;
/** The first three had an endpoint rest for good. */
const SEEDS = [142, 249, 287, 1, 3];
const TROUBLES = ["overloaded", "overloaded", "exhausted", "throttled"] as const;

/** A time in which an endpoint refuses every call. */
interface Trouble {
  from: number;
  to: number;
  kind: OutcomeKind;
}

function picker(random: Random): <T>(list: readonly T[]) => T {
  return (list) => list[Math.floor(random() * list.length)]!;
}

function troubleOf(random: Random): Trouble {
  const pick = picker(random);
  const from = random() * pick([500, 5_000, 20_000]);
  return { from, to: from + random() * pick([1_000, 5_000, 20_000, 8 * MINUTE_MS]), kind: pick(TROUBLES) };
}

/** An endpoint that is in trouble twice, refuses some rows for good, and may have a quota: in the pool, or a fallback. */
function endpointOf(rig: Rig, random: Random, place: number): Outlet {
  const pick = picker(random);
  const troubles = [troubleOf(random), troubleOf(random)];
  const refused = pick([0, 0.004, 0.01, 0.02]);
  const latencyMs = place === 0 ? pick([1_000, 2_000]) : pick([20, 500]);
  const provider = new ScriptedProvider(
    rig.clock,
    latencyMs,
    (_, now) => {
      const trouble = troubles.find(({ from, to }) => now >= from && now < to);
      if (!trouble) return outcomeOf(random() < refused ? "rejected" : "succeeded");
      const saysWhen = trouble.kind === "exhausted" || (trouble.kind === "throttled" && random() < 0.5);
      return outcomeOf(trouble.kind, saysWhen ? { retryAfterMs: Math.ceil(trouble.to - now) } : {});
    },
    `endpoint-${place}`,
  );
  const limits = { ...UNLIMITED, requestsPerMinute: pick(["auto", "auto", 10, 60, 600] as const) };
  return outletOf(provider, { stage: place === 0 ? 0 : pick([0, 1, place]), limits, concurrency: 8 });
}

test.each(SEEDS)(
  "a chain of endpoints in trouble brings every row to its end: seed %d",
  async (seed) => {
    const random = seeded(seed);
    const rig = await rigWith(150 + Math.floor(random() * 150));
    const outlets = Array.from({ length: picker(random)([2, 3]) }, (_, place) =>
      endpointOf(rig, random, place),
    );
    const stop = new StopSwitch();
    rig.clock.timer(MOST_MS, () => stop.stop(stopReason.signal("SIGINT")));
    expect(await rig.drainThrough(outlets, { stop })).toBeNull();
    const { jobs } = await rig.store.figures(rig.run.id);
    expect(jobs.succeeded + jobs.failed).toBe(jobs.total);
  },
  60_000,
);
