import { describe, expect, test } from "vitest";
import type { Decision } from "../../../src/domain/ending.ts";
import type { ClaimedJob } from "../../../src/domain/job.ts";
import type { OutcomeKind } from "../../../src/domain/outcome.ts";
import type { Store } from "../../../src/ports/store.ts";
import { answerOf } from "../../helpers/answer.ts";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

/** Ends the only job's next attempt, and gives the job as it is claimed after that. */
async function nextAfter(store: Store, run: string, kind: OutcomeKind): Promise<ClaimedJob> {
  const [job] = await store.claim(run, queueOf(), 1);
  await store.record(endingOf(job!, kind));
  const [next] = await store.claim(run, queueOf(), 1);
  await store.release([next!]);
  return next!;
}

export function describeAsks(newRig: NewStoreRig): void {
  describe("asking anew", () => {
    test.each<[OutcomeKind, Partial<ClaimedJob>]>([
      ["malformed", { asks: 1, invalid: 0, failures: 1 }],
      ["invalid", { asks: 1, invalid: 1, failures: 0 }],
      ["transient", { asks: 0, invalid: 0, failures: 1 }],
      ["throttled", { asks: 0, invalid: 0, failures: 0 }],
      ["interrupted", { asks: 0, invalid: 0, failures: 1 }],
    ])("only an answer that was refused makes the next request a new one: %s", async (kind, counts) => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      expect(await nextAfter(store, id, kind)).toMatchObject(counts);
    });

    test("a call in doubt is asked again as it was", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 1);
      await nextAfter(gone, id, "invalid");
      await gone.claim(id, queueOf(), 1);
      await gone.close();
      await next.rescue();
      expect((await next.claim(id, queueOf(), 1))[0]).toMatchObject({ attempt: 3, asks: 1, invalid: 1 });
    });

    test("a job that is put back asks anew, with all its answers to go", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      await nextAfter(store, id, "invalid");
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "invalid", { decision: { state: "failed" } }));
      await store.retry(id, {});
      expect((await store.claim(id, queueOf(), 1))[0]).toMatchObject({ asks: 3, invalid: 0, failures: 0 });
    });

    test("an outage's failure that is given back is no new request", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "transient", { decision: { state: "failed" } }));
      await store.forgive([{ job: job!.id, attempt: job!.attempt }]);
      expect((await store.claim(id, queueOf(), 1))[0]).toMatchObject({ asks: 0, failures: 0 });
    });

    test("every answer that was refused is kept as it came, with who gave it; other refusals only at the end", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const ends: [OutcomeKind, string, Decision["state"]][] = [
        ["malformed", "<html>", "pending"],
        ["invalid", '{"a":1}', "pending"],
        ["transient", "a page of an outage", "pending"],
        ["invalid", '{"b":2}', "failed"],
      ];
      for (const [kind, raw, state] of ends) {
        const [job] = await store.claim(id, queueOf(), 1);
        const answer = kind === "invalid" ? answerOf() : null;
        await store.record(endingOf(job!, kind, { outcome: { raw, answer }, decision: { state } }));
      }
      const job = await store.job(id, "row-1");
      expect(job?.history).toMatchObject([
        { kind: "malformed", raw: "<html>", provider: "sim" },
        { kind: "invalid", raw: '{"a":1}', provider: "sim" },
        { kind: "transient", raw: null, provider: "sim" },
        { kind: "invalid", raw: '{"b":2}', provider: "sim" },
      ]);
      expect(job).toMatchObject({ state: "failed", raw: '{"b":2}', provider: "sim" });
      expect((await store.figures(id)).tokens).toMatchObject({ input: 20, output: 20 });
    });
  });
}
