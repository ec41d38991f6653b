import { describe, expect, test } from "vitest";
import { answerOf, usageOf } from "../../helpers/answer.ts";
import { allRows, endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

export function describeRecords(newRig: NewStoreRig): void {
  describe("recording", () => {
    test("a success is kept whole: the answer and the reply as it came", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      const answer = answerOf({ usage: usageOf({ reasoningTokens: 4 }), serviceTier: "flex" });
      const outcome = { raw: '{"big":12345678901234567890}', requestId: "req-1", answer };
      expect(await store.record(endingOf(job!, "succeeded", { outcome }))).toBe("recorded");
      expect(await allRows(store, id)).toEqual([
        {
          id: job!.id,
          key: "row-1",
          source: 0,
          state: "succeeded",
          row: '{"prompt":"1"}',
          output: '"yes"',
          errorCode: null,
          errorMessage: null,
          httpStatus: 200,
          model: "m",
          finishReason: "stop",
          inputTokens: 10,
          cachedInputTokens: 0,
          outputTokens: 10,
          costUsd: null,
          reasoningTokens: 4,
          serviceTier: "flex",
          provider: "sim",
          sample: 1,
          attempts: 1,
          latencyMs: 20,
          requestId: "req-1",
          raw: '{"big":12345678901234567890}',
          answeredBy: null,
        },
      ]);
    });

    test("ids, errors and replies with control characters come back as they were", async () => {
      const store = await newRig().open();
      const odd = "nul \0, its stand-in \u001A0 \u001A1 \u001A, tab \t and \\N";
      const { id } = await storeRun(store, [importRow(1, { key: odd })]);
      const [job] = await store.claim(id, queueOf(), 1);
      expect(job!.key).toBe(odd);
      await store.record(endingOf(job!, "rejected", { outcome: { code: odd, message: odd, raw: odd } }));
      const [row] = await allRows(store, id);
      expect(row).toMatchObject({ key: odd, errorCode: odd, errorMessage: odd, raw: odd });
      expect((await store.job(id, odd))?.id).toBe(row!.id);
    });

    test("a failure for good keeps status, message and reply", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      const outcome = { code: "context_length", message: "x".repeat(2_000), raw: '{"error":1}' };
      await store.record(endingOf(job!, "rejected", { outcome }));
      const [row] = await allRows(store, id);
      expect(row).toMatchObject({
        state: "failed",
        errorCode: "context_length",
        httpStatus: 400,
        raw: '{"error":1}',
      });
      expect(row?.errorMessage).toHaveLength(1_000);
    });

    test("a success after a retry shows no error, and every attempt in its history", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const [first] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(first!, "throttled", { outcome: { retryAfterMs: 1_500.4 } }));
      const [second] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(second!, "succeeded"));
      const job = await store.job(id, "row-1");
      expect(job).toMatchObject({
        state: "succeeded",
        errorCode: null,
        errorMessage: null,
        attempts: 2,
        failures: 0,
      });
      expect(job?.history).toMatchObject([
        {
          attempt: 1,
          kind: "throttled",
          code: "http_429",
          httpStatus: 429,
          retryAfterMs: 1_500,
          sentAt: 1_000,
        },
        { attempt: 2, kind: "succeeded", httpStatus: 200, latencyMs: 20 },
      ]);
    });

    test("a result for an attempt that is over changes nothing, and its reply is kept", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      expect(await store.record(endingOf(job!, "transient"))).toBe("recorded");
      expect(await store.record(endingOf(job!, "succeeded", { outcome: { raw: "late" } }))).toBe(
        "superseded",
      );
      expect(await allRows(store, id)).toMatchObject([{ state: "pending", output: null }]);
      expect((await store.job(id, "row-1"))?.history).toMatchObject([
        { kind: "transient" },
        { kind: "succeeded" },
      ]);
    });

    test("a result for an earlier attempt changes nothing while the job is on a later one", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const [first] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(first!, "throttled"));
      const [second] = await store.claim(id, queueOf(), 1);
      expect(await store.record(endingOf(first!, "succeeded"))).toBe("superseded");
      expect((await store.figures(id)).jobs).toMatchObject({ running: 1, succeeded: 0 });
      expect(await store.record(endingOf(second!, "succeeded"))).toBe("recorded");
    });

    test("a result of another process than the one that holds the job changes nothing", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      await other.attach(id, 4);
      expect(await other.record(endingOf(job!, "succeeded"))).toBe("superseded");
      expect(await store.record(endingOf(job!, "rejected"))).toBe("recorded");
      expect(await allRows(store, id)).toMatchObject([{ state: "failed", output: null }]);
    });

    test("a process that never worked on the run can't record for it", async () => {
      const rig = newRig();
      const [store, stranger] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      expect(await stranger.record(endingOf(job!, "succeeded"))).toBe("superseded");
      expect((await store.figures(id)).jobs).toMatchObject({ running: 1, succeeded: 0 });
    });
  });
}
