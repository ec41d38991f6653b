import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Recovery } from "../../../src/store/recovery.ts";
import { Spool, type Unwritten } from "../../../src/store/spool.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { tempFolder } from "../../helpers/cli.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { SqliteRig } from "../../helpers/sqlite-rig.ts";
import { endingOf } from "../../helpers/stored-run.ts";

const ENDED: Unwritten = { run: "r_gone", owner: 1, ending: endingOf(claimedJob(1), "succeeded") };

function spoolIn(...folders: string[]): Spool {
  return new Spool({ folders, database: "d", clock: new ManualClock() });
}

describe("the spool", () => {
  test("gives back what was written, by the clock of who reads it", () => {
    const folder = tempFolder();
    const clock = new ManualClock();
    clock.advance(50_000);
    const writer = new Spool({ folders: [folder], database: "d", clock });
    const ending = endingOf(claimedJob(1), "succeeded", { timing: { slotFreeAt: 47_000 } });
    const unsent = { run: "r_a", owner: 2, unsent: { id: 7, attempt: 3 } };
    const file = writer.write([{ ...ENDED, ending }, unsent]);
    const [ended, other] = spoolIn(folder).read(file)!;
    expect(other).toEqual(unsent);
    const timing = { ...ending.timing, slotFreeAt: -3_000 };
    expect(ended).toEqual({ ...ENDED, ending: { ...ending, job: { ...ending.job, row: "" }, timing } });
  });

  test("is nobody else's to read or to write", () => {
    const folder = tempFolder();
    expect(statSync(spoolIn(folder).write([ENDED])).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "spool"))).toHaveLength(1);
    const open = tempFolder();
    mkdirSync(join(open, "spool"));
    chmodSync(join(open, "spool"), 0o777);
    writeFileSync(join(open, "spool", "d.1.1.1.jsonl"), "{}");
    expect(spoolIn(open).files()).toEqual([]);
    expect(spoolIn(open, folder).write([ENDED])).toContain(folder);
    expect(() => spoolIn(open).write([ENDED])).toThrow("others may write there");
  });

  test("has nothing in a home that can't be looked into, and is written elsewhere", async () => {
    const file = join(tempFolder(), "home");
    writeFileSync(file, "");
    const [home, folder] = [join(file, ".local"), tempFolder()];
    expect(spoolIn(home, folder).files()).toEqual([]);
    expect(spoolIn(home, folder).write([ENDED])).toContain(folder);
    const rig = new SqliteRig();
    await expect(rig.open({ stateFolders: [home, folder] })).resolves.toBeDefined();
  });

  test("is set aside and told where it is damaged, and no command fails by it", async () => {
    const rig = new SqliteRig();
    await rig.open();
    const folder = tempFolder();
    const spool = rig.spool(folder);
    const file = spool.write([ENDED]);
    writeFileSync(file, "{");
    const told: string[] = [];
    await rig.open({ stateFolders: [folder], tell: (text) => told.push(text) });
    expect(told).toEqual([expect.stringContaining(`${file}.refused`)]);
    expect(spool.files()).toEqual([]);
  });

  test("is set aside once where two processes find it damaged in the same moment", async () => {
    const spool = spoolIn(tempFolder());
    const file = spool.write([ENDED]);
    const told: string[] = [];
    const refuse = async () => {
      spool.setAside(file);
      throw new Error("refused");
    };
    await new Recovery({ spool, write: refuse, tell: (text) => told.push(text) }).recover();
    expect(told).toEqual([]);
    expect(spool.files()).toEqual([]);
  });

  test("shows in doctor while an answer waits in it", async () => {
    const rig = new SqliteRig();
    const folder = tempFolder();
    const store = await rig.open({ stateFolders: [folder] });
    const found = async () => (await store.verify()).find(({ name }) => name === "spool");
    expect(await found()).toMatchObject({ verdict: "ok" });
    rig.spool(folder).write([ENDED]);
    expect(await found()).toMatchObject({ verdict: "warning", hint: expect.stringContaining("resume") });
  });
});
