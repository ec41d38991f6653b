import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { databaseFor } from "./test-database.ts";

export const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  process: ChildProcess;
  /** Everything written so far. */
  output(): { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

export interface CliOptions {
  cwd: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Another installation than ours. */
  bin?: string;
}

/** Starts the real binary, with nothing of this process's environment that would change what it does. */
export function startCli(args: readonly string[], { cwd, env = {}, stdin, bin = BIN }: CliOptions): Started {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...databaseFor(cwd), ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const collected = { stdout: "", stderr: "" };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (collected.stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (collected.stderr += text));
  if (stdin !== undefined) child.stdin!.end(stdin);
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...collected }));
  return { process: child, output: () => collected, ended };
}

/** Runs the real binary to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<Ended> {
  return startCli(args, options).ended;
}
