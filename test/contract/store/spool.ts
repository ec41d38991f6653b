import { describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../../src/domain/job.ts";
import type { Store } from "../../../src/ports/store.ts";
import type { Unwritten } from "../../../src/store/spool.ts";
import { tempFolder } from "../../helpers/cli.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const SLOTS = 4;

/** A process that has claimed every row of a run and ended without a word, and what it leaves in its spool. */
async function deadProcess(newRig: NewStoreRig, rows = 4) {
  const rig = newRig();
  const folder = tempFolder();
  const gone = await rig.open();
  const run = await storeRun(
    gone,
    Array.from({ length: rows }, (_, at) => importRow(at + 1, { group: "g" })),
  );
  await gone.attach(run.id, SLOTS);
  const jobs = await gone.claim(run.id, queueOf(), rows);
  const owner = await rig.ownerOf(jobs[0]!);
  await gone.close();
  const ended = (job: ClaimedJob): Unwritten => ({ run: run.id, owner, ending: endingOf(job, "succeeded") });
  const open = () => rig.open({ stateFolders: [folder] });
  return { spool: rig.spool(folder), run: run.id, jobs, owner, ended, open };
}

async function expectSound(store: Store): Promise<void> {
  const checks = await store.verify();
  expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
}

export function describeSpool(newRig: NewStoreRig): void {
  describe("what a process had to spool", () => {
    test("counts as if it had been recorded in time, where nobody has missed the process yet", async () => {
      const { spool, jobs, run, owner, ended, open } = await deadProcess(newRig);
      spool.write([...jobs.slice(0, 3).map(ended), { run, owner, unsent: jobs[3]! }]);
      const store = await open();
      expect(await store.recover()).toEqual({ recorded: 3, late: 0 });
      expect(await store.rescue()).toMatchObject({ jobs: 0, inDoubtAtMost: 0 });
      const { jobs: states, attempts } = await store.figures(run);
      expect(states).toMatchObject({ succeeded: 3, pending: 1, running: 0 });
      expect(attempts).toMatchObject({ total: 3, in_doubt: 0 });
      expect(await store.claim(run, queueOf(), 9)).toMatchObject([{ id: jobs[3]!.id, attempt: 1 }]);
      expect(spool.files()).toEqual([]);
      await expectSound(store);
    });

    test("counts where its row was taken back and waits: its call is no longer in doubt, and not paid again", async () => {
      const { spool, jobs, run, ended, open } = await deadProcess(newRig);
      const store = await open();
      expect(await store.rescue()).toMatchObject({ jobs: 4, inDoubtAtMost: SLOTS });
      const inDoubt = async () => (await store.spend(run)).run.inDoubt;
      expect(await inDoubt()).toMatchObject([
        { calls: 4, inputTokens: 40 },
        { calls: 4, inputTokens: 40 },
      ]);
      spool.write(jobs.slice(0, 3).map(ended));
      expect(await store.recover()).toEqual({ recorded: 3, late: 0 });
      expect(await inDoubt()).toMatchObject([
        { calls: 1, inputTokens: 10 },
        { calls: 1, inputTokens: 10 },
      ]);
      const { jobs: states, attempts } = await store.figures(run);
      expect(states).toMatchObject({ succeeded: 3, pending: 1, running: 0 });
      expect(attempts).toMatchObject({ total: 4, succeeded: 3, in_doubt: 1 });
      await expectSound(store);
    });

    test("is kept with the attempts where another process has the row by now: that one's answer counts", async () => {
      const { spool, jobs, run, ended, open } = await deadProcess(newRig, 1);
      const store = await open();
      await store.rescue();
      const [again] = await store.claim(run, queueOf(), 1);
      spool.write(jobs.map(ended));
      expect(await store.recover()).toEqual({ recorded: 0, late: 1 });
      expect(await store.record(endingOf(again!, "succeeded"))).toBe("recorded");
      const { jobs: states, attempts } = await store.figures(run);
      expect(states).toMatchObject({ succeeded: 1, running: 0 });
      expect(attempts).toMatchObject({ total: 2, succeeded: 2, in_doubt: 0 });
      expect((await store.job(run, "row-1"))?.history).toMatchObject([
        { attempt: 1, kind: "succeeded" },
        { attempt: 2, kind: "succeeded" },
      ]);
      await expectSound(store);
    });

    test("changes nothing when it is read again, after a death between commit and removal", async () => {
      const { spool, jobs, run, owner, ended, open } = await deadProcess(newRig);
      const all = [...jobs.slice(0, 3).map(ended), { run, owner, unsent: jobs[3]! }];
      all[1] = { run, owner, ending: endingOf(jobs[1]!, "transient") };
      all[2] = { run, owner, ending: endingOf(jobs[2]!, "rejected") };
      spool.write(all);
      const store = await open();
      const before = [await store.recover(), await store.figures(run)];
      spool.write(all);
      expect(await store.recover()).toEqual({ recorded: 0, late: 0 });
      expect(await store.figures(run)).toEqual(before[1]);
      expect(before[0]).toEqual({ recorded: 3, late: 0 });
      await expectSound(store);
    });

    test("of a run that was deleted goes with it", async () => {
      const { spool, jobs, run, ended, open } = await deadProcess(newRig);
      const store = await open();
      await store.removeRun(run);
      spool.write(jobs.map(ended));
      expect(await store.recover()).toEqual({ recorded: 0, late: 0 });
      expect(spool.files()).toEqual([]);
    });
  });
}
