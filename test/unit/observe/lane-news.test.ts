import { describe, expect, test } from "vitest";
import type { Wait } from "../../../src/control/gate-event.ts";
import type { QuotaView } from "../../../src/control/limiter/view.ts";
import { type LaneNews, LaneWatch } from "../../../src/observe/events/lane-news.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

const REQUESTS: QuotaView = {
  dimension: "requests",
  per: "minute",
  source: "learned",
  limit: 100,
  level: 5,
  used: 1,
  resetAt: null,
};

/** A lane whose wait and quotas a test sets. */
function watched() {
  const clock = new ManualClock();
  const now: { wait: Wait | null; quotas: QuotaView[] } = { wait: null, quotas: [] };
  const news: LaneNews[] = [];
  const watch = new LaneWatch(clock, (told) => news.push(told));
  const limiterView = () => ({
    quotas: now.quotas,
    concurrency: { limit: 8, inFlight: 0 },
    factor: 1,
    admitted: 0,
    refused: 0,
    blockedUntil: null,
  });
  watch.watch([{ endpoint: "e", gate: { waitingFor: () => now.wait, limiterView } }]);
  return { clock, now, news, watch };
}

describe("waits", () => {
  test("of a second and more are told once, with their reason and end", () => {
    const { clock, now, news } = watched();
    now.wait = { reason: "tokens", until: 12_000 };
    clock.advance(5_000);
    expect(news).toEqual([{ type: "waiting", endpoint: "e", reason: "tokens", until: 12_000 }]);
  });

  test("are told again when their end moves on, and when their reason changes", () => {
    const { clock, now, news } = watched();
    now.wait = { reason: "tokens", until: 3_000 };
    clock.advance(2_000);
    now.wait = { reason: "tokens", until: 9_000 };
    clock.advance(2_000);
    now.wait = { reason: "requests", until: 9_000 };
    clock.advance(2_000);
    expect(news.map((told) => told.type === "waiting" && [told.reason, told.until])).toEqual([
      ["tokens", 3_000],
      ["tokens", 9_000],
      ["requests", 9_000],
    ]);
  });

  test("that are short are told once while they come one after the other, and not at all when alone", () => {
    const { clock, now, news } = watched();
    now.wait = { reason: "requests", until: 400 };
    clock.advance(500);
    now.wait = null;
    clock.advance(500);
    expect(news).toEqual([]);
    for (let look = 0; look < 20; look++) {
      now.wait = { reason: "requests", until: clock.now() + 400 };
      clock.advance(250);
    }
    expect(news).toHaveLength(1);
  });

  test("without an end are told when they have lasted", () => {
    const { clock, now, news } = watched();
    now.wait = { reason: "concurrency", until: null };
    clock.advance(750);
    expect(news).toEqual([]);
    clock.advance(5_000);
    expect(news).toEqual([{ type: "waiting", endpoint: "e", reason: "concurrency", until: null }]);
  });

  test("of a breaker are named, without the words of a provider", () => {
    const { clock, now, news } = watched();
    now.wait = { reason: "your prompt was refused: secret", until: null };
    clock.advance(2_000);
    expect(news).toEqual([{ type: "waiting", endpoint: "e", reason: "breaker", until: null }]);
  });

  test("are not looked at any more after closing", () => {
    const { clock, watch } = watched();
    watch.close();
    expect(clock.pending).toBe(0);
  });
});

describe("limits", () => {
  test("that are learned are told, and again when they move by a quarter", () => {
    const { clock, now, news } = watched();
    for (const limit of [100, 110, 124, 126, 120, 90]) {
      now.quotas = [{ ...REQUESTS, limit }];
      clock.advance(250);
    }
    expect(news.map((told) => told.type === "quota" && told.quota.limit)).toEqual([100, 126, 90]);
  });

  test("that the user told are no news", () => {
    const { clock, now, news } = watched();
    now.quotas = [{ ...REQUESTS, source: "told" }];
    clock.advance(1_000);
    expect(news).toEqual([]);
  });
});
