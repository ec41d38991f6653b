import { systemClock } from "../../../src/system/clock.ts";
import { type Ended, startCli } from "../../helpers/start-cli.ts";
import { type Sample, sampleOf } from "./sample.ts";

export type Timed<T> = T & {
  /** Milliseconds since the command was started. */
  at: number;
};

interface WatchOptions<T> {
  cwd: string;
  everyMs: number;
  /** What else to note with a sample: how far the work is. */
  note(): Promise<T>;
}

export interface Watched<T> {
  ended: Ended;
  samples: Timed<Sample & T>[];
  durationMs: number;
}

/** Runs a command of the real binary to its end and samples its process on the way. */
export async function watch<T>(
  args: readonly string[],
  { cwd, everyMs, note }: WatchOptions<T>,
): Promise<Watched<T>> {
  const start = systemClock.now();
  const { process, ended } = startCli(args, { cwd });
  const samples: Timed<Sample & T>[] = [];
  const isOver = ended.then(() => true);
  while (!(await Promise.race([isOver, pause(everyMs)]))) {
    const noted = await note();
    const sample = sampleOf(process.pid!, `${cwd}/llm-batch.db`);
    if (sample !== null) samples.push({ ...sample, ...noted, at: systemClock.now() - start });
  }
  return { ended: await ended, samples, durationMs: systemClock.now() - start };
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => systemClock.timer(systemClock.now() + ms, () => resolve(false)));
}
