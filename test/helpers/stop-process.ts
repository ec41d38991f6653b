import type { ChildProcess } from "node:child_process";
import { afterTest } from "./after-test.ts";

/** Stops a process until it gets SIGCONT. One whose test fails before that doesn't outlive it. */
export function stopProcess(process: ChildProcess): void {
  afterTest(() => process.kill("SIGKILL"));
  process.kill("SIGSTOP");
}
