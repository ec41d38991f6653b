import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { onTestFinished, vi } from "vitest";
import { databaseFor } from "./test-database.ts";

/** Whether a program is there. */
export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;
}

interface TerminalOptions {
  cwd: string;
  env: Record<string, string>;
  /** Columns of the window. Default: 200. */
  columns?: number;
}

/** A command in a terminal of its own, made by `script` of util-linux; it ends with the test. */
export class Terminal {
  readonly #process: ChildProcess;
  #shown = "";
  #read = 0;
  /** What the command exited with, when all that it showed has been read. */
  readonly ended: Promise<number | null>;

  constructor(command: string, { cwd, env, columns = 200 }: TerminalOptions) {
    const sized = `stty cols ${columns} rows 50; exec ${command}`;
    this.#process = spawn("script", ["-qefc", sized, "/dev/null"], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, TERM: "xterm", ...databaseFor(cwd), ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => (this.#shown += text));
    this.ended = once(this.#process, "close").then(([code]) => code);
    onTestFinished(() => {
      this.#process.kill("SIGKILL");
    });
  }

  /** Everything that was shown so far, escape sequences included. */
  get shown(): string {
    return this.#shown;
  }

  /** As a user closes the window. */
  close(): void {
    this.#process.kill("SIGKILL");
  }

  type(keys: string): void {
    this.#process.stdin!.write(keys);
  }

  /** Waits until something is shown that wasn't waited for before. */
  async see(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await vi.waitFor(
      () => {
        const match = pattern.exec(this.#shown.slice(this.#read));
        if (!match) throw new Error(`not shown: ${pattern} in ${JSON.stringify(this.#shown)}`);
        return match;
      },
      { timeout: 20_000, interval: 10 },
    );
    this.#read += found.index + found[0].length;
    return found;
  }
}
