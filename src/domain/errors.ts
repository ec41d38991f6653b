/** Exit codes of the command line. See README, "Exit codes". */
export const ExitCode = {
  ok: 0,
  bug: 1,
  usage: 2,
  rowsFailed: 3,
  providerUnusable: 4,
  stopped: 75,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ErrorDetails {
  /** Stable, documented, SCREAMING_SNAKE_CASE. */
  code: string;
  /** What happened, where, and the value: one line. */
  message: string;
  /** The command or change that mends it. */
  hint: string;
  /** Default: 2, a usage or input error. */
  exitCode?: ExitCode;
  cause?: unknown;
}

/** An error meant for the user: everything that reaches the terminal is one of these, or a bug. */
export class LlmBatchError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor({ code, message, hint, exitCode = ExitCode.usage, cause }: ErrorDetails) {
    super(message, { cause });
    this.name = "LlmBatchError";
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

export function tooManyFiles(cause?: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "TOO_MANY_FILES",
    message: "no more files or connections can be opened by this process",
    hint: "allow more with `ulimit -n MORE`, or lower --concurrency; the same command goes on from there",
    exitCode: ExitCode.stopped,
    cause,
  });
}
