import { describe, expect, it } from "vitest";
import type { OutcomeKind } from "../../../../src/domain/outcome.ts";
import { BreakerRig } from "../../../helpers/breaker-rig.ts";

describe("a trip", () => {
  it("takes so many failures in a row, of several jobs", () => {
    const rig = new BreakerRig({ failures: 3 });
    rig.call(1, "transient");
    rig.call(2, "interrupted");
    expect(rig.phase.name).toBe("closed");
    rig.call(3, "overloaded");
    expect(rig.phase).toMatchObject({ name: "open", reason: "3 failures in a row, the last http_503" });
  });

  it("gives back the failures that led to it, those of its onset too, and no earlier ones", () => {
    const rig = new BreakerRig({ failures: 2 });
    rig.call(1, "transient");
    rig.call(2, "succeeded");
    rig.now += 1_100;
    rig.call(3, "transient");
    rig.call(4, "succeeded");
    rig.call(5, "transient");
    rig.call(6, "transient");
    expect(rig.forgiven).toEqual([
      { job: 3, attempt: 1 },
      { job: 5, attempt: 1 },
      { job: 6, attempt: 1 },
    ]);
  });

  it("takes what came in within the p99 before its streak for its onset, where calls are slow", () => {
    const rig = new BreakerRig({ failures: 2 });
    for (let job = 10; job < 40; job += 1) rig.call(job, "succeeded", {}, 6_000);
    rig.call(1, "transient");
    rig.call(2, "succeeded");
    rig.now += 5_000;
    rig.call(3, "transient");
    rig.call(4, "transient");
    expect(rig.forgiven.map(({ job }) => job)).toEqual([1, 3, 4]);
  });

  it("does not give back what never counted: a call that could not be sent", () => {
    const rig = new BreakerRig({ failures: 2 });
    rig.call(3, "unreachable");
    rig.call(4, "transient");
    expect(rig.forgiven).toEqual([{ job: 4, attempt: 1 }]);
  });

  it("is not made of one job's failures, however many: a poison row", () => {
    const rig = new BreakerRig();
    for (let attempt = 1; attempt <= 2_000; attempt += 1) rig.end(rig.admit(7, attempt), "transient");
    expect(rig.phase.name).toBe("closed");
    expect(rig.forgiven).toEqual([]);
  });

  it("is not made of a poison row among healthy ones", () => {
    const rig = new BreakerRig({ failures: 2 });
    for (let job = 10; job < 200; job += 1) {
      rig.call(7, "transient");
      rig.call(job, "succeeded");
    }
    expect(rig.phase.name).toBe("closed");
  });

  it("is not made of rows that failed before, while others succeeded, even when they are all that is left", () => {
    const rig = new BreakerRig({ failures: 2 });
    for (let round = 1; round <= 10; round += 1) {
      for (const job of [7, 8, 9]) rig.end(rig.admit(job, round + 1, round), "transient");
    }
    rig.call(10, "transient");
    expect(rig.phase.name).toBe("closed");
    rig.call(11, "transient");
    expect(rig.phase.name).toBe("open");
  });

  it("comes when half of the calls in the window fail, though never many in a row", () => {
    const rig = new BreakerRig();
    for (let job = 1; job <= 9; job += 1) {
      rig.call(job, "succeeded", {}, 1_000);
      rig.call(job + 100, "transient");
    }
    expect(rig.phase.name).toBe("closed");
    rig.call(500, "transient");
    expect(rig.phase).toMatchObject({ name: "open", reason: "10 of 20 calls failed" });
    expect(rig.forgiven).toHaveLength(10);
  });

  it("gives back of those that came over time the ones in the window", () => {
    const rig = new BreakerRig();
    rig.now = 3_600_000;
    rig.call(50, "transient");
    rig.call(51, "succeeded");
    rig.now += 61_000;
    for (let job = 1; job <= 10; job += 1) {
      rig.call(job, "succeeded");
      rig.call(job + 100, "transient");
    }
    expect(rig.forgiven.map(({ job }) => job)).toEqual([101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
  });

  it("forgets failures that have left the window", () => {
    const rig = new BreakerRig();
    for (let job = 1; job <= 9; job += 1) {
      rig.call(job, "transient");
      rig.call(job, "succeeded");
    }
    rig.now += 61_000;
    for (let job = 20; job <= 30; job += 1) {
      rig.call(job, "succeeded");
      rig.call(job, job % 3 === 0 ? "transient" : "succeeded");
    }
    expect(rig.phase.name).toBe("closed");
  });

  it.each<OutcomeKind>(["throttled", "exhausted", "rejected", "aborted"])(
    "never comes of what is %s, which breaks no row of failures either",
    (kind) => {
      const rig = new BreakerRig({ failures: 2 });
      for (let job = 1; job < 50; job += 1) rig.call(job, kind);
      expect(rig.phase.name).toBe("closed");
      rig.call(60, "transient");
      rig.call(61, kind);
      rig.call(62, "transient");
      expect(rig.phase.name).toBe("open");
    },
  );

  it.each<OutcomeKind>(["transient", "overloaded", "interrupted"])("gives back what was %s", (kind) => {
    const rig = new BreakerRig({ failures: 2 });
    rig.call(1, kind);
    rig.call(2, kind);
    expect(rig.forgiven.map(({ job }) => job)).toEqual([1, 2]);
  });

  it.each<OutcomeKind>(["succeeded", "malformed", "invalid"])(
    "is none where an answer came in between, even one that was %s",
    (kind) => {
      const rig = new BreakerRig({ failures: 2 });
      rig.call(1, "transient");
      rig.call(2, kind);
      rig.call(3, "transient");
      expect(rig.phase.name).toBe("closed");
    },
  );

  it("takes a 429 as a failure only when told to", () => {
    const rig = new BreakerRig({ failures: 3, on429: true });
    for (let job = 1; job <= 3; job += 1) rig.call(job, "throttled");
    expect(rig.phase.name).toBe("open");
  });

  it("takes no notice of a 409, which is about the request alone", () => {
    const rig = new BreakerRig();
    for (let job = 1; job < 50; job += 1) rig.call(job, "transient", { httpStatus: 409 });
    expect(rig.phase.name).toBe("closed");
  });
});

describe("a stall", () => {
  function busy(): BreakerRig {
    const rig = new BreakerRig();
    for (let job = 1; job <= 30; job += 1) rig.call(job, "succeeded", {}, 6_000);
    return rig;
  }

  it("trips when all slots stay taken and nothing comes back for three times the p99", () => {
    const rig = busy();
    rig.admit(41);
    rig.admit(42);
    rig.advance(17_000, true);
    expect(rig.phase.name).toBe("closed");
    rig.advance(8_000, true);
    expect(rig.phase.name).toBe("open");
  });

  it("gives the failures of the calls that hung back when they end at last", () => {
    const rig = busy();
    const hung = [rig.admit(41), rig.admit(42)];
    rig.advance(60_000, true);
    rig.coolDown();
    for (const permit of hung) rig.end(permit, "interrupted");
    expect(rig.forgiven.map(({ job }) => job)).toEqual([41, 42]);
    expect(rig.phase.name).toBe("half-open");
  });

  it("is none while a slot is free, or before it is known how long a call takes", () => {
    const idle = busy();
    idle.admit(41);
    idle.advance(3_600_000, false);
    expect(idle.phase.name).toBe("closed");
    const fresh = new BreakerRig();
    fresh.admit(41);
    fresh.advance(3_600_000, true);
    expect(fresh.phase.name).toBe("closed");
  });

  it("goes by how long answers take: failures come back at once", () => {
    const rig = busy();
    for (let job = 100; job < 3_000; job += 1) rig.call(job, "transient", { httpStatus: 409 }, 5);
    rig.admit(41);
    rig.advance(17_000, true);
    expect(rig.phase.name).toBe("closed");
  });

  it("goes by how long they take of late, where a slow provider has become a fast one", () => {
    const rig = new BreakerRig();
    for (let job = 1; job <= 2_500; job += 1) rig.call(job, "succeeded", {}, 60_000);
    for (let job = 1; job <= 10_000; job += 1) rig.call(job, "succeeded", {}, 1_000);
    rig.admit(41);
    rig.admit(42);
    rig.advance(20_000, true);
    expect(rig.phase.name).toBe("open");
  });

  it("is counted from when the slots were filled, not from before an idle time", () => {
    const rig = busy();
    rig.advance(600_000, false);
    rig.admit(41);
    rig.advance(1_000, true);
    expect(rig.phase.name).toBe("closed");
  });
});

describe("a block", () => {
  it.each(["key", "account", "model"] as const)("comes at once when the %s is refused", (blockedBy) => {
    const rig = new BreakerRig();
    rig.call(1, "blocked", { blockedBy, message: "no" });
    expect(rig.phase).toEqual({ name: "blocked", by: blockedBy, message: "no" });
    expect(rig.effects).toEqual([{ type: "blocked", by: blockedBy, message: "no" }]);
    rig.advance(86_400_000);
    expect(rig.openings).toBe(0);
  });

  it("is set and lifted by hand", () => {
    const rig = new BreakerRig();
    rig.command("open");
    expect(rig.phase).toMatchObject({ name: "blocked", by: "hand" });
    rig.command("close");
    expect(rig.phase.name).toBe("closed");
  });
});

describe("an endpoint that was never reached", () => {
  function untouched(): BreakerRig {
    const rig = new BreakerRig();
    rig.command("reset");
    rig.effects.length = 0;
    return rig;
  }

  it("is reported after three calls that could not be sent, and nothing stays on record", () => {
    const rig = untouched();
    rig.call(1, "unreachable");
    rig.call(1, "unreachable");
    expect(rig.effects).toEqual([]);
    rig.call(1, "unreachable", { message: "connect ECONNREFUSED" });
    expect(rig.effects).toEqual([{ type: "neverReached", message: "connect ECONNREFUSED" }]);
    expect(rig.phase.name).toBe("closed");
  });

  it("is reported at once when its certificate is refused that an earlier process trusted", () => {
    const rig = new BreakerRig();
    rig.call(1, "succeeded");
    rig.restart();
    rig.call(2, "unreachable", { code: "certificate" });
    expect(rig.effects).toMatchObject([{ type: "neverReached" }]);
  });

  it("is reported at once when its certificate is refused", () => {
    const rig = untouched();
    rig.call(1, "unreachable", { code: "certificate" });
    expect(rig.effects).toMatchObject([{ type: "neverReached" }]);
  });

  it.each<OutcomeKind>(["succeeded", "throttled", "overloaded", "rejected", "interrupted"])(
    "is none once a call was %s: then it is down, and waited for",
    (kind) => {
      const rig = untouched();
      rig.call(1, kind);
      rig.call(2, "unreachable", { code: "certificate" });
      for (let job = 3; job < 8 && rig.openings > 0; job += 1) rig.call(job, "unreachable");
      expect(rig.phase.name).toBe("open");
      expect(rig.effects).toMatchObject([{ type: "opened" }]);
    },
  );

  it("is none after a restart, when an earlier process reached it", () => {
    const rig = new BreakerRig();
    rig.restart();
    for (let job = 1; job <= 5; job += 1) rig.call(job, "unreachable");
    expect(rig.phase.name).toBe("open");
  });
});
