import { describe, expect, test } from "vitest";
import { Patience } from "../../../../src/store/postgres/patience.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

const MINUTE_MS = 60_000;

/** A database that is away until it is called back, and what is tried and told meanwhile. */
function rig() {
  const clock = new ManualClock();
  const told: string[] = [];
  const patience = new Patience({ clock, random: () => 0.5, writes: true, tell: (text) => told.push(text) });
  let isAway = true;
  let tries = 0;
  const work = async (): Promise<string> => {
    tries += 1;
    if (isAway) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return "done";
  };
  /** Lets time pass until the try has an end, at most so long. */
  const within = async (trying: Promise<string>, ms: number): Promise<string> => {
    let end = "waits";
    trying.then(
      (value) => (end = value),
      (error: Error) => (end = error.message),
    );
    for (const until = clock.now() + ms; end === "waits" && clock.now() < until; ) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return end;
  };
  const begin = (): Promise<string> => patience.try(work);
  return { patience, told, begin, within, tries: () => tries, comeBack: () => (isAway = false) };
}

describe("a database that is away", () => {
  test("is waited for, told once when it goes and once when it is back", async () => {
    const { begin, within, comeBack, told } = rig();
    const [one, other] = [begin(), begin()];
    expect(await within(one, 14 * MINUTE_MS)).toBe("waits");
    comeBack();
    expect(await within(one, 10_000)).toBe("done");
    expect(await within(other, 10_000)).toBe("done");
    expect(told).toEqual([
      expect.stringContaining("the database is away"),
      expect.stringMatching(/back after 84\d s/),
    ]);
  });

  test("is given up after a quarter of an hour", async () => {
    const { begin, within } = rig();
    const trying = begin();
    expect(await within(trying, 14 * MINUTE_MS)).toBe("waits");
    expect(await within(trying, 2 * MINUTE_MS)).toContain("ECONNREFUSED");
  });

  test("is given up in seconds by who must end; what comes right after isn't tried, and later is again", async () => {
    const { patience, begin, within, tries, comeBack } = rig();
    const trying = begin();
    patience.hurry(5_000);
    expect(await within(trying, 10_000)).toContain("ECONNREFUSED");
    const before = tries();
    expect(await within(begin(), 1_000)).toContain("ECONNREFUSED");
    expect(tries()).toBe(before);
    comeBack();
    expect(await within(new Promise(() => {}), 6_000)).toBe("waits");
    expect(await within(begin(), 1_000)).toBe("done");
  });
});
