import { join } from "node:path";
import { compileLibrary } from "./preload.ts";

export interface StandIn {
  /** What `statfs` says of every file system. */
  fileSystemType?: number;
  /** From this one on, counted from 1, syncs of a database or its log fail. */
  failingSync?: number;
  /** Once the file is there, the process's wall clock is set by so much. */
  clockJump?: { file: string; seconds: number };
}

/**
 * Compiles into `folder` what stands in for the system.
 * @returns the variables for a process that is to meet such a system
 */
export function standIn(folder: string): (wanted: StandIn) => Record<string, string> {
  const library = join(folder, "stand-in.so");
  compileLibrary(join(import.meta.dirname, "stand-in.c"), library);
  return ({ fileSystemType = 0, failingSync = 0, clockJump = { file: "", seconds: 0 } }) => ({
    LD_PRELOAD: library,
    LLM_BATCH_FS_TYPE: fileSystemType.toString(16),
    LLM_BATCH_FAILING_SYNC: String(failingSync),
    LLM_BATCH_CLOCK_FILE: clockJump.file,
    LLM_BATCH_CLOCK_SECONDS: String(clockJump.seconds),
  });
}
