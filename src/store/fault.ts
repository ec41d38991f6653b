import type { ExitCode } from "../domain/errors.ts";

/** What can be wrong with a job table's surroundings, in words for users. */
export interface Fault {
  code: string;
  what: string;
  hint: string;
  exitCode: ExitCode;
}

/** From the beginning of an error's code to the fault; the first one that fits counts. */
export type Faults = readonly (readonly [prefix: string, Fault])[];

/** The code that a driver or the system gave an error; empty for one that has none. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Undefined for an error that is the fault of one statement. */
export function faultOf(error: unknown, faults: Faults): Fault | undefined {
  const code = codeOf(error);
  return faults.find(([prefix]) => code.startsWith(prefix))?.[1];
}
