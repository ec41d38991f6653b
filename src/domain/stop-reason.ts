import { formatDuration } from "./duration.ts";
import { ExitCode, LlmBatchError } from "./errors.ts";
import { usdText } from "./nano-usd.ts";
import type { Outcome } from "./outcome.ts";

/** A reason that the drain itself finds; any other code is that of the error that ended it. */
type StopCode =
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

/** Why work on a run ends before its jobs do. */
export interface StopReason<Code extends string = string> {
  code: Code;
  /** One line: what happened, with the value. */
  message: string;
  exitCode: ExitCode;
  /** The flag to change, without which `resume` would stop at once again. */
  raise?: string;
  /** What mends it, where no flag does. */
  hint?: string;
}

/** A reason as it stands in the job table, for one process. */
export interface RecordedStop extends StopReason {
  /** Wall clock; of a process that died, a moment after its last sign of life. */
  at: number;
  /** Null for a process of a version that didn't record it. */
  host: string | null;
  pid: number | null;
}

/** A signal that asks for an end in good order. */
export type StopSignal = Extract<StopCode, `SIG${string}`>;

const SIGNAL_CODES: Readonly<Record<StopSignal, ExitCode>> = {
  SIGHUP: ExitCode.sighup,
  SIGINT: ExitCode.sigint,
  SIGTERM: ExitCode.sigterm,
};

type Found = StopReason<StopCode>;

/** The reasons, each with its words and its exit code in one place. */
export const stopReason = {
  signal: (name: StopSignal): Found => ({
    code: name,
    message: `interrupted by ${name}`,
    exitCode: SIGNAL_CODES[name],
  }),
  /** A limit of the whole run; `used` and `most` in nano-USD, or in tokens. */
  budget: ({ limit, used, most }: { limit: string; used: number; most: number }): Found =>
    limit === "maxTotalTokens"
      ? {
          code: "TOKEN_BUDGET",
          message: `the token budget is used up: ${used} of --max-total-tokens ${most}`,
          exitCode: ExitCode.stopped,
          raise: "--max-total-tokens MORE",
        }
      : {
          code: "COST_BUDGET",
          message: `the budget is used up: ${usdText(used)} of --max-cost ${usdText(most)}`,
          exitCode: ExitCode.stopped,
          raise: "--max-cost MORE",
        },
  groupBudgets: (groups: readonly string[]): Found => ({
    code: "GROUP_BUDGETS",
    message: `only rows of groups over their budgets are left: ${named(groups)}`,
    exitCode: ExitCode.stopped,
  }),
  deadline: (durationMs: number): Found => ({
    code: "DEADLINE",
    message: `the deadline has passed: --deadline ${formatDuration(durationMs)}`,
    exitCode: ExitCode.stopped,
  }),
  tooManyFailures: (failed: number, limit: string): Found => ({
    code: "TOO_MANY_FAILURES",
    message: `${failed} rows failed for good: --max-failures ${limit}`,
    exitCode: ExitCode.stopped,
    raise: "--max-failures MORE",
  }),
  /** @param cause what the calls say, where all were given up after `--timeout`; else how the last of the others ended */
  stalled: (durationMs: number, cause: string | Pick<Outcome, "code" | "message"> | null): Found => ({
    code: "STALLED",
    message: `no call succeeded for ${formatDuration(durationMs)}: --stall-timeout${causeText(cause)}`,
    exitCode: ExitCode.stopped,
    ...(typeof cause === "string" && { raise: "--timeout LONGER" }),
  }),
  tooManyFiles: (): Found => ({
    code: "TOO_MANY_FILES",
    message: "no more connections can be opened",
    exitCode: ExitCode.stopped,
    raise: "--concurrency FEWER",
  }),
  notRecorded: (): Found => ({
    code: "DB_UNREACHABLE",
    message: "the database doesn't take answers any more",
    exitCode: ExitCode.stopped,
  }),
  refused: (endpoint: string, message: string): Found => ({
    code: "PROVIDER_REFUSED",
    message: `${endpoint} refuses to serve: ${withoutEnd(message)}`,
    exitCode: ExitCode.providerUnusable,
  }),
  unreachable: (endpoint: string, message: string): Found => ({
    code: "PROVIDER_UNREACHABLE",
    message: `${endpoint} was never reached: ${withoutEnd(message)}`,
    exitCode: ExitCode.providerUnusable,
  }),
  /** An error is told with a hint of its own; what isn't meant for users is a bug. */
  failed: (error: unknown): StopReason => {
    if (!(error instanceof LlmBatchError))
      return { code: "BUG", message: messageOf(error), exitCode: ExitCode.bug };
    const { code, message, hint, exitCode } = error;
    return { code, message, hint, exitCode };
  },
  died: (): StopReason => ({
    code: "DIED",
    message:
      "its process left no reason: it was killed, the machine went down, or the database couldn't be written",
    exitCode: ExitCode.stopped,
  }),
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causeText(cause: string | Pick<Outcome, "code" | "message"> | null): string {
  if (cause === null) return "";
  if (typeof cause === "string") return `; all got ${cause}`;
  return `; the last got ${cause.code}${cause.message && `: ${withoutEnd(cause.message)}`}`;
}

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
