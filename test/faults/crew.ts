import type { Random } from "../../src/ports/random.ts";
import { systemClock } from "../../src/system/clock.ts";
import { type Ended, type Started, startCli } from "../helpers/start-cli.ts";
import type { Stage } from "./phases/phase.ts";

/** Processes of one command at work on one run. */
export class Crew {
  readonly #stage: Stage;
  readonly #size: number;
  readonly #random: Random;
  #members: Started[] = [];

  constructor(stage: Stage, size: number, random: Random) {
    this.#stage = stage;
    this.#size = size;
    this.#random = random;
  }

  get isAtRest(): boolean {
    return this.#members.length === 0;
  }

  /** Starts those that are missing, kills one or all of them at a random moment, and gives how many were hit. */
  async strike(): Promise<number> {
    const { args, cwd, killAfterMs } = this.#stage;
    while (this.#members.length < this.#size) this.#members.push(startCli(args, { cwd }));
    await pause(killAfterMs.from + this.#random() * (killAfterMs.to - killAfterMs.from));
    const all = this.#random() < 0.5;
    const first = Math.floor(this.#random() * this.#size);
    const victims = this.#members.filter((_, index) => all || index === first);
    for (const { process } of victims) process.kill("SIGKILL");
    const ends = await Promise.all(victims.map(({ ended }) => ended));
    this.#members = this.#members.filter((member) => !victims.includes(member) && isAlive(member));
    for (const end of ends) this.#check(end);
    return ends.filter(({ signal }) => signal === "SIGKILL").length;
  }

  /** Lets those that live come to their end, then runs the command to its own. */
  async finish(): Promise<void> {
    const { args, cwd } = this.#stage;
    for (const { ended } of this.#members) this.#check(await ended);
    this.#members = [];
    const last = await startCli(args, { cwd }).ended;
    this.#check(last);
    if (last.code !== 0) this.#stage.ledger.violation(`the last ${args[0]} ended with ${last.code}`);
  }

  #check(ended: Ended): void {
    if (ended.signal === "SIGKILL" || this.#stage.isRightEnd(ended)) return;
    const { args, ledger } = this.#stage;
    ledger.violation(`${args[0]} ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(-300)}`);
  }
}

function isAlive({ process }: Started): boolean {
  return process.exitCode === null && process.signalCode === null;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.timer(systemClock.now() + ms, resolve));
}
