import type { Simulator } from "../../src/simulator/simulator.ts";
import type { ResultLine } from "../helpers/rows.ts";
import { recordedAttempts } from "./job-table.ts";

/** What came of the kills of one phase. */
export interface Account {
  kills: number;
  /** Rows without their right result. */
  lost: number;
  /** Rows with more than one. */
  doubled: number;
  /** Calls that the provider got beyond one for each row and one for each failure it gave. */
  repeated: number;
  /** Calls that the provider got and that were not on record, at the kills. */
  inFlight: number;
  /** What else is wrong, and where. */
  violations: string[];
}

export function emptyAccount(): Account {
  return { kills: 0, lost: 0, doubled: 0, repeated: 0, inFlight: 0, violations: [] };
}

interface LedgerOptions {
  cwd: string;
  simulator: Simulator;
  /** By position: row n has the id `q-n`. */
  prompts: readonly string[];
  /** Slots of each process. */
  concurrency: number;
  /** The run was worked on before, under the eyes of the same provider: its records count. Default false. */
  fromStart?: boolean;
}

/**
 * Keeps the provider's calls against the records of the job table. Each call must end in a record, or be one of at most
 * `concurrency` that were in flight when a process was killed.
 */
export class Ledger {
  readonly account = emptyAccount();
  readonly prompts: readonly string[];
  readonly #options: LedgerOptions;
  /** Attempts recorded before the provider began to count. */
  readonly #recordedBefore: number;
  #killsSinceRest = 0;

  static async open(options: LedgerOptions): Promise<Ledger> {
    return new Ledger(options, options.fromStart ? 0 : await recordedAttempts(options.cwd));
  }

  private constructor(options: LedgerOptions, recordedBefore: number) {
    this.#options = options;
    this.prompts = options.prompts;
    this.#recordedBefore = recordedBefore;
  }

  get calls(): number {
    return this.#options.simulator.stats().calls;
  }

  violation(text: string): void {
    this.account.violations.push(text);
  }

  kill(): void {
    this.account.kills += 1;
    this.#killsSinceRest += 1;
  }

  /** Balances the books. Only while no process is alive: a living one always has calls that are not on record yet. */
  async balance(): Promise<void> {
    const recorded = (await recordedAttempts(this.#options.cwd)) - this.#recordedBefore;
    const inFlight = this.calls - recorded - this.account.inFlight;
    const most = this.#killsSinceRest * this.#options.concurrency;
    if (inFlight < 0) this.violation(`${-inFlight} attempts are on record that the provider never saw`);
    if (inFlight > most)
      this.violation(`${inFlight} calls are on no record, ${most} can have been in flight`);
    this.account.inFlight += inFlight;
    this.#killsSinceRest = 0;
  }

  /** Checks the rows as they stand: each id once, in the order of the input, and nothing but right answers. */
  checkRows(rows: readonly ResultLine[], where: string): void {
    const ids = rows.map(({ id }) => id);
    this.account.doubled += ids.length - new Set(ids).size;
    this.account.lost += this.prompts.length - new Set(ids).size;
    const moved = ids.findIndex((id, index) => id !== `q-${index + 1}`);
    if (moved >= 0) this.violation(`${where}: row ${moved + 1} is ${ids[moved]}`);
    const wrong = rows.find(
      ({ status, output }, index) => status === "succeeded" && output !== this.prompts[index],
    );
    if (wrong) this.violation(`${where}: ${wrong.id} has the output ${JSON.stringify(wrong.output)}`);
  }

  /** Checks a finished run: every row has its answer, and was called no more often than it has attempts. */
  checkFinished(rows: readonly ResultLine[]): void {
    this.checkRows(rows, "at the end");
    this.account.lost += rows.filter(({ status }) => status !== "succeeded").length;
    const calls = this.#options.simulator.prompts();
    for (const { id, input, attempts } of rows) {
      const called = calls.get(input.prompt)?.calls ?? 0;
      if (called < 1 || called > attempts) this.violation(`${id}: ${called} calls, ${attempts} attempts`);
    }
    this.#checkRepeated();
  }

  #checkRepeated(): void {
    const faults = Object.values(this.#options.simulator.stats().by_fault).reduce((sum, n) => sum + n, 0);
    this.account.repeated = this.calls - this.prompts.length - faults;
    const { repeated, inFlight } = this.account;
    if (repeated > inFlight) this.violation(`${repeated} calls were repeated, ${inFlight} were in flight`);
  }
}
