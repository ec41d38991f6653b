import type { RunStatus } from "./status.ts";

type Stop = RunStatus["stops"][number];

/** A reason why processes stopped. */
export interface ToldStop {
  code: string;
  message: string;
  /** Wall clock: when the last of them did. */
  at: number;
  /** Those that stopped for it. */
  processes: readonly Stop[];
}

/** Each reason once, however many processes stopped for it. */
export function toldStops(stops: readonly Stop[]): ToldStop[] {
  const messages = [...new Set(stops.map(({ message }) => message))];
  return messages.map((message) => {
    const processes = stops.filter((stop) => stop.message === message);
    const { code, at } = processes.at(-1)!;
    return { code, message, at: Date.parse(at), processes };
  });
}
