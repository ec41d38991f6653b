import { describe, expect, test } from "vitest";
import { ASCII, frame } from "../../../../src/cli/progress/frame.ts";
import type { Sight } from "../../../../src/cli/progress/sight.ts";
import { textOf } from "../../../../src/cli/text/line.ts";
import { columnsOf } from "../../../../src/cli/text/width.ts";
import { sightOf } from "../../../helpers/sight.ts";

const drawn = (sight: Sight, columns: number): string[] => frame(sight, columns, ASCII).map(textOf);

describe("a frame", () => {
  test("has everything in a wide window", () => {
    expect(drawn(sightOf(), 100)).toEqual([
      `${"#".repeat(20)}${"-".repeat(20)}  52%  5,200/10,000  12 failed  ETA 3m 20s`,
      "429 0.2%  queue 4,800  p95 2.1s  548/600 req/min  118k/120k tok/min",
      "$1.24 of about $2.38  waiting 12s: token quota",
    ]);
  });

  test("counts whole percents, and begins at 0 where no row is there yet", () => {
    expect(drawn(sightOf({ done: 29, total: 100 }), 100)[0]).toContain(" 29%  29/100 ");
    const none = sightOf({ done: 0, total: 0, left: 0, failed: 0, etaMs: 0 });
    expect(drawn(none, 100)[0]).toBe(`${"-".repeat(40)}   0%  0/0  ETA unknown`);
  });

  test("fills a window of 80 columns", () => {
    const [first] = drawn(sightOf(), 80);
    expect(first).toBe(`${"#".repeat(19)}${"-".repeat(18)}  52%  5,200/10,000  12 failed  ETA 3m 20s`);
  });

  test("shortens and leaves out by priority in a window of 40 columns", () => {
    expect(drawn(sightOf(), 40)).toEqual([
      "###---- 5.2k/10k  12 failed  ETA 3m 20s",
      "429 0.2%  queue 4.8k  p95 2.1s",
      "$1.24  waiting 12s: token quota",
    ]);
  });

  test.each([20, 30, 39, 40, 60, 80, 120, 200])(
    "is never as wide as a window of %i columns, whatever is in it",
    (columns) => {
      const hard = sightOf({
        done: 123_456_789,
        total: 987_654_321,
        failed: 1_234_567,
        left: 864_197_532,
        etaMs: 3_600_000 * 100,
        requests: { perMinute: 1_234_567, limit: 7_654_321 },
        activity: { text: `blocked: ${"模型 ".repeat(60)}`, isHeld: true },
      });
      for (const sight of [sightOf(), hard, sightOf({ cost: null, etaMs: null, p95Ms: null, failed: 0 })])
        for (const line of drawn(sight, columns)) expect(columnsOf(line)).toBeLessThan(columns);
    },
  );

  test.each([40, 80, 200])("keeps the three figures of health in sight at %i columns", (columns) => {
    const [, figures] = drawn(sightOf(), columns);
    expect(figures).toMatch(/^429 0\.2% {2}queue 4[.,]8\S+ {2}p95 2\.1s/);
  });

  test("says that the end is unknown while it is", () => {
    expect(drawn(sightOf({ etaMs: null }), 80)[0]).toMatch(/ETA unknown$/);
  });

  test("has a second left as long as rows are", () => {
    expect(drawn(sightOf({ etaMs: 300 }), 80)[0]).toMatch(/ETA 1s$/);
    expect(drawn(sightOf({ etaMs: 0, left: 0 }), 80)[0]).toMatch(/ETA 0s$/);
  });

  test("shows rates alone where no quota is known", () => {
    const [, figures] = drawn(sightOf({ requests: { perMinute: 548, limit: null } }), 80);
    expect(figures).toContain("  548 req/min");
  });

  test("shows no cost where the price is unknown", () => {
    expect(drawn(sightOf({ cost: null }), 80)[2]).toBe("waiting 12s: token quota");
  });

  test("has a full bar at the end", () => {
    expect(drawn(sightOf({ done: 10_000, left: 0 }), 80)[0]).toMatch(/^#+ 100%/);
  });

  test("rounds down: 100% is the whole run", () => {
    expect(drawn(sightOf({ done: 9_999, left: 1 }), 80)[0]).toContain(" 99%");
  });

  test("fills its last cell by eighths where there are characters for it", () => {
    const cellsIn = (done: number) =>
      textOf(frame(sightOf({ done, total: 80, failed: 0 }), 200)[0]!).slice(0, 2);
    expect([cellsIn(0), cellsIn(1), cellsIn(2), cellsIn(3)]).toEqual(["░░", "▌░", "█░", "█▌"]);
  });
});
