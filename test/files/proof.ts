import { join } from "node:path";
import { parseSimulatorSettings } from "../../src/simulator/parse-settings.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { systemClock } from "../../src/system/clock.ts";
import { type Ended, runCli } from "../helpers/start-cli.ts";
import { anthropicLine, openAiLine, REFUSED, writeLines } from "./batch-lines.ts";
import { type Read, readAnthropic, readOpenAi } from "./consumers.ts";
import { anthropicResult, openAiResult, ownFile } from "./own-file.ts";

/** One provider's files: its lines, its own results, and the program that reads results. */
export const PROVIDERS = {
  openai: { line: openAiLine, result: openAiResult, read: readOpenAi, flags: [] },
  anthropic: {
    line: anthropicLine,
    result: anthropicResult,
    read: readAnthropic,
    flags: ["--provider", "anthropic"],
  },
} as const;

interface Proof {
  ended: Ended;
  /** What the reader made of the provider's own results, and of ours. */
  theirs: Read;
  ours: Read;
}

/** Sends a batch file's lines by the real binary and by hand, and reads both results with the same program. */
export async function prove(name: keyof typeof PROVIDERS, count: number, cwd: string): Promise<Proof> {
  const { line, result, read, flags } = PROVIDERS[name];
  const lines = Array.from({ length: count }, (_, index) => line(index).line);
  await writeLines(join(cwd, "batch.jsonl"), lines);
  await writeLines(
    join(cwd, "theirs.jsonl"),
    await withSimulator((url) => ownFile(url, count, line, result)),
  );
  const ended = await withSimulator((url) => {
    const base = name === "openai" ? `${url}/v1` : url;
    const args = ["run", "batch.jsonl", "--base-url", base, ...flags, "-q", "-c", "16", "-o", "ours.jsonl"];
    return runCli(args, { cwd, env: { ANTHROPIC_API_KEY: "none" } });
  });
  return { ended, theirs: await read(join(cwd, "theirs.jsonl")), ours: await read(join(cwd, "ours.jsonl")) };
}

/** Each gets a simulator that has seen nothing yet: it then gives the same ids to the same calls. */
async function withSimulator<T>(work: (origin: string) => Promise<T>): Promise<T> {
  const settings = parseSimulatorSettings([
    ["fault", `context-length:match=${REFUSED}`],
    ["latency", "0ms"],
  ]);
  const simulator = await startSimulator(settings, { clock: systemClock });
  try {
    return await work(new URL(simulator.url).origin);
  } finally {
    await simulator.close();
  }
}
