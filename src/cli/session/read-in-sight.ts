import type { Invocation } from "../context.ts";
import { type ReadingProgress, showReading } from "../progress/reading.ts";
import { exitOnSignals } from "./signals.ts";

/** Shows how far inputs are read while `read` reads them. A signal ends the process at once, as nothing was sent yet. */
export async function readInSight<T>(
  invocation: Invocation,
  read: (progress: ReadingProgress) => Promise<T>,
  lastWords: (signal: string) => string | null = () => null,
): Promise<T> {
  const progress = await showReading(invocation);
  const restoreSignals = exitOnSignals((signal) => {
    const words = lastWords(signal);
    progress.close();
    if (words !== null) progress.say(words);
  });
  try {
    return await read(progress);
  } finally {
    restoreSignals();
    progress.close();
  }
}
