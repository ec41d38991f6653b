import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClaimedJob, JOB_STATES } from "../../../src/domain/job.ts";
import type { OutcomeKind } from "../../../src/domain/outcome.ts";
import type { Store } from "../../../src/ports/store.ts";
import { requestSettings } from "../../helpers/request-settings.ts";
import { allRows, endingOf, hashed, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig, StoreRig } from "./store-rig.ts";

const ROWS = 8;
/** Rows with the same letter are the same request; each has so many samples. */
const shapes = fc.record({
  letters: fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: ROWS, maxLength: ROWS }),
  samples: fc.constantFrom(1, 1, 2),
  dedupe: fc.boolean(),
});
const KINDS: readonly OutcomeKind[] = [
  "succeeded",
  "throttled",
  "overloaded",
  "rejected",
  "malformed",
  "invalid",
  "aborted",
];

interface RecordStep {
  do: "record";
  pick: number;
  kind: OutcomeKind;
  final: boolean;
  inMs: number;
}

type Step =
  | RecordStep
  | { do: "claim"; limit: number }
  | { do: "release" | "forgive"; pick: number }
  | { do: "retry" | "cancel" | "finish" | "wait" };

const pick = fc.nat(50);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      pick,
      kind: fc.constantFrom(...KINDS),
      final: fc.boolean(),
      inMs: fc.constantFrom(0, 500),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("release" as const, "forgive" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("retry" as const, "finish" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
);

/** What the steps did, counted beside the store. */
class Expected {
  readonly claimed: ClaimedJob[] = [];
  readonly results = new Map<number, string>();
  attempts = 0;
  succeeded = 0;

  recorded(job: ClaimedJob, kind: OutcomeKind, isOurs: boolean): void {
    this.attempts += 1;
    if (kind !== "succeeded") return;
    this.succeeded += 1;
    if (isOurs) this.results.set(job.id, outputOf(job));
  }
}

const outputOf = (job: ClaimedJob): string => `"${job.id} ${job.attempt}"`;

export function describeModel(newRig: NewStoreRig): void {
  test("after any sequence of steps by two processes, figures agree with rows, no result is lost and every check passes", async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(fc.tuple(fc.nat(1), step), { maxLength: 50 }),
        async (shape, steps) => {
          const rig = newRig();
          const stores = [await rig.open(), await rig.open()] as const;
          const { letters, samples, dedupe } = shape;
          const { id } = await storeRun(
            stores[0],
            letters.map((letter, at) => hashed(at + 1, letter)),
            { request: requestSettings({ samples }), sharing: { dedupe, reuse: false } },
          );
          const expected = new Expected();
          for (const [process, step] of steps) await take(step, stores[process]!, id, rig, expected);
          await expectAgreement(stores[0], id, ROWS * samples, expected);
          expect((await stores[0].verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
          await Promise.all(stores.map((store) => store.close()));
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });
}

async function take(step: Step, store: Store, run: string, rig: StoreRig, expected: Expected): Promise<void> {
  const { claimed } = expected;
  const taken = "pick" in step ? claimed[step.pick % claimed.length] : undefined;
  if (step.do === "claim") claimed.push(...(await store.claim(run, queueOf(), step.limit)));
  else if (step.do === "retry") await store.retry(run, {});
  else if (step.do === "cancel") await store.cancel(run);
  else if (step.do === "finish") await store.finishRun(run);
  else if (step.do === "wait") rig.clock.advance(1_000);
  else if (taken === undefined) return;
  else if (step.do === "record") await record(step, taken, store, rig, expected);
  else if (step.do === "release") await store.release([taken]);
  else await store.forgive([{ job: taken.id, attempt: taken.attempt }]);
}

async function record(
  { kind, final, inMs }: RecordStep,
  job: ClaimedJob,
  store: Store,
  { clock }: StoreRig,
  expected: Expected,
): Promise<void> {
  const ending = endingOf(job, kind, { outcome: { code: kind } });
  const { answer } = ending.outcome;
  if (answer !== null) ending.outcome.answer = { ...answer, output: outputOf(job) };
  if (ending.decision.state === "pending") {
    const later = { state: "pending", availableAt: clock.wall() + inMs } as const;
    ending.decision = { ...ending.decision, ...(final ? { state: "failed" } : later) };
  }
  expected.recorded(job, kind, (await store.record(ending)) === "recorded");
}

async function expectAgreement(store: Store, run: string, total: number, expected: Expected): Promise<void> {
  const rows = await allRows(store, run);
  const { jobs, attempts, tokens, failures } = await store.figures(run);
  for (const state of JOB_STATES) expect(jobs[state]).toBe(rows.filter((row) => row.state === state).length);
  expect(jobs.total).toBe(total);
  expect(attempts).toMatchObject({ total: expected.attempts, succeeded: expected.succeeded });
  expect(tokens).toEqual({
    input: 10 * expected.succeeded,
    cached_input: 0,
    output: 10 * expected.succeeded,
  });
  const failed = rows.filter((row) => row.state === "failed");
  for (const { code, count } of failures)
    expect(failed.filter(({ errorCode }) => errorCode === code)).toHaveLength(count);
  expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(failed.length);
  const results = rows.filter(({ output }) => output !== null);
  const own = results.filter(({ answeredBy }) => answeredBy === null);
  expect(new Map(own.map(({ id, output }) => [id, output]))).toEqual(expected.results);
  for (const { output, answeredBy } of results) {
    const from =
      answeredBy && own.find((row) => row.key === answeredBy.key && row.sample === answeredBy.sample);
    if (answeredBy) expect(output).toBe(from?.output);
  }
}
