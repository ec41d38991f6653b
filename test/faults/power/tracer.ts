import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../../helpers/start-cli.ts";
import { parseTrace, type TraceEvent } from "./trace.ts";

const SOURCE = join(import.meta.dirname, "trace.c");

/** Why nothing can be traced here, or null. What is preloaded needs Linux with glibc, and a C compiler. */
export function whyNotTraced(): string | null {
  if (process.platform !== "linux") return `this is ${process.platform} and not Linux`;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime === undefined) return "Node runs on another C library than glibc";
  return system("cc", "--version").status === 0 ? null : "there is no C compiler, cc";
}

/** Records what processes do to the files of a folder. */
export class Tracer {
  readonly #library: string;
  readonly #file: string;

  /** Compiles what is preloaded into `folder`, which must not be one that is traced. */
  constructor(folder: string) {
    this.#library = join(folder, "trace.so");
    this.#file = join(folder, "trace");
    // The checked forms of open and write, which some systems turn on, would be second definitions of the names.
    const flags = ["-shared", "-fPIC", "-U_FORTIFY_SOURCE", "-o", this.#library];
    const { status, stderr } = system("cc", ...flags, SOURCE, "-ldl", "-lpthread");
    if (status !== 0) throw new Error(`trace.c doesn't compile: ${stderr}`);
  }

  /**
   * Traces one process that works in `cwd`.
   * @param start starts it with these variables and waits for its end
   */
  async trace(
    cwd: string,
    start: (env: Record<string, string>) => Promise<Ended>,
  ): Promise<{ ended: Ended; events: TraceEvent[] }> {
    rmSync(this.#file, { force: true });
    const ended = await start({
      LD_PRELOAD: this.#library,
      LLM_BATCH_TRACE_FOLDER: realpathSync(cwd),
      LLM_BATCH_TRACE_FILE: this.#file,
    });
    return { ended, events: parseTrace(readFileSync(this.#file)) };
  }
}

/** Through the shell: the compiler is a tool of the system and no dependency of the package. */
function system(...command: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync("sh", ["-c", '"$@"', "sh", ...command], { encoding: "utf8" });
  return { status, stderr };
}
