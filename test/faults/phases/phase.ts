import type { Simulator } from "../../../src/simulator/simulator.ts";
import type { Ended } from "../../helpers/start-cli.ts";
import type { Ledger } from "../ledger.ts";

/** A command under test, in a folder of its own and with a provider of its own. */
export interface Stage {
  cwd: string;
  simulator: Simulator;
  ledger: Ledger;
  /** Killed, and started again, until it comes to its end. */
  args: readonly string[];
  /** When to kill, in milliseconds after the start. */
  killAfterMs: { from: number; to: number };
  /** Whether an end of the command that no kill brought is as it should be. */
  isRightEnd(ended: Ended): boolean;
  /** Checks what is there after a kill. `atRest`: no process is alive. True when the phase is over. */
  afterKill(atRest: boolean): Promise<boolean>;
  /** Checks what is there once the command came to its end. */
  atEnd(): Promise<void>;
}

/** Part of a run's life that is to be survived. */
export interface Phase {
  name: string;
  stage(cwd: string): Promise<Stage>;
}
