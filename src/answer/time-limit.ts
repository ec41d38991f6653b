import { createContext, Script } from "node:vm";

/** Long enough for any pattern that doesn't try the same places over and over. */
const LIMIT_MS = 1_000;

/** Thrown by what was broken off. */
export class TookTooLong extends Error {}

/**
 * Breaks a test off that takes longer than a second, which nothing else in the process could: an expression like `^(a+)+$`
 * can try for ever. Costs a tenth of a millisecond a call.
 */
export function timeLimited(test: (value: unknown) => boolean): (value: unknown) => boolean {
  const sandbox = createContext({ test, value: undefined });
  const script = new Script("test(value)");
  return (value) => {
    sandbox.value = value;
    try {
      return script.runInContext(sandbox, { timeout: LIMIT_MS }) as boolean;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? new TookTooLong() : error;
    } finally {
      sandbox.value = undefined;
    }
  };
}
