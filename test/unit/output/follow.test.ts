import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { JOB_STATES, type JobState } from "../../../src/domain/job.ts";
import { exportRun } from "../../../src/output/export.ts";
import type { ExportRequest } from "../../../src/output/export-request.ts";
import type { Watch } from "../../../src/output/follow.ts";
import type { ResultRow } from "../../../src/ports/results.ts";
import { tempFolder } from "../../helpers/cli.ts";
import { finishedRun, MemoryPages, resultRow } from "../../helpers/result-rows.ts";

const jobs = (count: number): ResultRow[] =>
  Array.from({ length: count }, (_, at) => resultRow({ id: at + 1, key: `q-${at + 1}`, state: "pending" }));

/** Each step changes rows by their ids; after the last one the run is over. */
class Steps implements Watch {
  readonly seen: string[] = [];
  #written = "";
  readonly #stdout = new Writable({
    write: (chunk, _encoding, done) => {
      this.#written += chunk;
      done();
    },
  });
  readonly #rows: ResultRow[];
  readonly #steps: Record<number, JobState>[];

  constructor(rows: ResultRow[], steps: Record<number, JobState>[]) {
    this.#rows = rows;
    this.#steps = steps;
  }

  async isOver(): Promise<boolean> {
    this.#change(this.#steps.shift() ?? {});
    return this.#steps.length === 0;
  }

  async pause(): Promise<void> {
    this.#read();
  }

  /** What was written between one look and the next, each as the ids in their order. */
  async follow(wanted: Partial<ExportRequest> = {}): Promise<string[]> {
    await exportRun({
      store: new MemoryPages(this.#rows),
      run: finishedRun({ state: "open" }),
      path: "-",
      stdout: this.#stdout,
      format: "jsonl",
      states: JOB_STATES,
      partial: false,
      force: false,
      includeRaw: false,
      escapeFormulas: false,
      answerColumns: false,
      columnPrefix: null,
      follow: this,
      ...wanted,
    });
    this.#read();
    return this.seen;
  }

  #change(states: Record<number, JobState>): void {
    for (const [id, state] of Object.entries(states)) this.#rows[Number(id) - 1]!.state = state;
  }

  #read(): void {
    const lines = this.#written.split("\n").filter(Boolean);
    this.#written = "";
    this.seen.push(lines.map((line) => JSON.parse(line).id).join(" "));
  }
}

describe("following a run", () => {
  test("writes rows in input order, each once, as soon as all before it are done", async () => {
    const steps = new Steps(jobs(5), [
      {},
      { 2: "succeeded", 3: "running" },
      { 1: "failed" },
      { 3: "succeeded", 5: "succeeded" },
      { 4: "cancelled" },
    ]);
    expect(await steps.follow()).toEqual(["", "", "q-1 q-2", "q-3", "q-4 q-5"]);
  });

  test("ends at the first row that isn't done when nobody works on the run any more", async () => {
    const steps = new Steps(jobs(4), [{ 1: "succeeded" }, { 2: "succeeded", 4: "succeeded" }]);
    expect(await steps.follow()).toEqual(["q-1", "q-2"]);
  });

  test("writes only the states asked for, and still waits for every row before them", async () => {
    const steps = new Steps(jobs(3), [{ 2: "failed" }, { 1: "succeeded" }, { 3: "failed" }]);
    expect(await steps.follow({ states: ["failed"] })).toEqual(["", "q-2", "q-3"]);
  });

  test("goes on over many pages, and counts what it wrote", async () => {
    const rows = jobs(5_000);
    const all = Object.fromEntries(rows.map(({ id }) => [id, "succeeded" as const]));
    const [first, second] = await new Steps(rows, [{ 1: "succeeded" }, all]).follow();
    expect(first).toBe("q-1");
    expect(second!.split(" ")).toEqual(rows.slice(1).map(({ key }) => key));
  });

  test.each([
    ["a format that is readable only when whole", { format: "parquet" as const }, "parquet"],
    ["a file", { path: `${tempFolder()}/out.jsonl` }, "out.jsonl"],
  ])("refuses %s", async (_, wanted, says) => {
    await expect(new Steps(jobs(1), [{}]).follow(wanted)).rejects.toMatchObject({
      code: "FOLLOW_NEEDS_STREAM",
      message: expect.stringContaining(says),
    });
  });
});
