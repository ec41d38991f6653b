import { setMaxListeners } from "node:events";
import type { Closure } from "../control/budget/account.ts";
import { LIMITS } from "../control/budget/limit.ts";
import { formatDuration } from "../domain/duration.ts";
import { ExitCode } from "../domain/errors.ts";
import { usdText } from "../domain/nano-usd.ts";

/** Why a drain ends before its jobs do. */
export interface StopReason {
  code:
    | "SIGHUP"
    | "SIGINT"
    | "SIGTERM"
    | "COST_BUDGET"
    | "TOKEN_BUDGET"
    | "GROUP_BUDGETS"
    | "DEADLINE"
    | "TOO_MANY_FAILURES"
    | "STALLED"
    | "TOO_MANY_FILES"
    | "DB_UNREACHABLE"
    | "PROVIDER_REFUSED"
    | "PROVIDER_UNREACHABLE";
  /** One line: what happened, with the value. */
  message: string;
  exitCode: ExitCode;
  /** The flag to change, without which `resume` would stop at once again. */
  raise?: string;
}

/** A signal that asks for an end in good order. */
export type StopSignal = Extract<StopReason["code"], `SIG${string}`>;

const SIGNAL_CODES: Readonly<Record<StopSignal, ExitCode>> = {
  SIGHUP: ExitCode.sighup,
  SIGINT: ExitCode.sigint,
  SIGTERM: ExitCode.sigterm,
};

/**
 * The one switch that ends a drain early. The first reason wins: no more claims, calls in flight may finish. `abort`
 * ends those as well.
 */
export class StopSwitch {
  readonly #aborter = new AbortController();
  readonly #listeners: ((reason: StopReason) => void)[] = [];
  #reason: StopReason | null = null;

  constructor() {
    // One listener for each call in flight: that many are no leak.
    setMaxListeners(0, this.#aborter.signal);
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Aborted when calls in flight must end at once. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  onStop(listener: (reason: StopReason) => void): void {
    if (this.#reason) listener(this.#reason);
    else this.#listeners.push(listener);
  }

  stop(reason: StopReason): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const listener of this.#listeners) listener(reason);
  }

  abort(): void {
    this.#aborter.abort();
  }
}

/** The reasons, each with its exit code in one place. */
export const stopReason = {
  signal: (name: StopSignal): StopReason => ({
    code: name,
    message: `interrupted by ${name}`,
    exitCode: SIGNAL_CODES[name],
  }),
  budget: ({ limit, used, most }: Closure): StopReason =>
    LIMITS[limit].measure === "nanoUsd"
      ? {
          code: "COST_BUDGET",
          message: `the budget is used up: ${usdText(used)} of --max-cost ${usdText(most)}`,
          exitCode: ExitCode.stopped,
          raise: "--max-cost MORE",
        }
      : {
          code: "TOKEN_BUDGET",
          message: `the token budget is used up: ${used} of --max-total-tokens ${most}`,
          exitCode: ExitCode.stopped,
          raise: "--max-total-tokens MORE",
        },
  groupBudgets: (groups: readonly string[]): StopReason => ({
    code: "GROUP_BUDGETS",
    message: `only rows of groups over their budgets are left: ${named(groups)}`,
    exitCode: ExitCode.stopped,
  }),
  deadline: (durationMs: number): StopReason => ({
    code: "DEADLINE",
    message: `the deadline has passed: --deadline ${formatDuration(durationMs)}`,
    exitCode: ExitCode.stopped,
  }),
  tooManyFailures: (failed: number, limit: string): StopReason => ({
    code: "TOO_MANY_FAILURES",
    message: `${failed} rows failed for good: --max-failures ${limit}`,
    exitCode: ExitCode.stopped,
    raise: "--max-failures MORE",
  }),
  /** @param timeout what the calls say, where all were given up after `--timeout` */
  stalled: (durationMs: number, timeout: string | null): StopReason => ({
    code: "STALLED",
    message: `no call succeeded for ${formatDuration(durationMs)}: --stall-timeout${timeout ? `; all got ${timeout}` : ""}`,
    exitCode: ExitCode.stopped,
    ...(timeout && { raise: "--timeout LONGER" }),
  }),
  tooManyFiles: (): StopReason => ({
    code: "TOO_MANY_FILES",
    message: "no more connections can be opened",
    exitCode: ExitCode.stopped,
    raise: "--concurrency FEWER",
  }),
  notRecorded: (): StopReason => ({
    code: "DB_UNREACHABLE",
    message: "the database doesn't take answers any more",
    exitCode: ExitCode.stopped,
  }),
  refused: (endpoint: string, message: string): StopReason => ({
    code: "PROVIDER_REFUSED",
    message: `${endpoint} refuses to serve: ${withoutEnd(message)}`,
    exitCode: ExitCode.providerUnusable,
  }),
  unreachable: (endpoint: string, message: string): StopReason => ({
    code: "PROVIDER_UNREACHABLE",
    message: `${endpoint} was never reached: ${withoutEnd(message)}`,
    exitCode: ExitCode.providerUnusable,
  }),
};

/** A sentence of a provider within one of ours. */
function withoutEnd(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

/** Names enough of the groups to know which. */
function named(groups: readonly string[]): string {
  const shown = groups.slice(0, 5).map((group) => JSON.stringify(group));
  return groups.length > shown.length
    ? `${shown.join(", ")} and ${groups.length - shown.length} more`
    : shown.join(", ");
}
