import type { Stretch } from "./stretches.ts";

const MIB = 1024 * 1024;

/** Node's heap takes some 50,000 rows to find its size: with fewer in a tenth its growth says nothing. */
const SETTLED_TENTH = 50_000;

/** Memory that is taken only once comes with the first tenth; what grows with the rows shows in the last. */
const RSS_GROWTH = 1.1;

/**
 * SQLite moves the log into the database at the first commit that finds it above 1,000 pages of 4 KiB, and then writes it
 * from its start again. So it grows to 4 MiB and the transaction that goes beyond, and by what is committed
 * while a reader is inside a transaction, all of which are short. The 64 MiB of journal_size_limit are for readers from outside.
 */
export const WAL_BYTES = 8 * MIB;

export interface GateResult {
  what: string;
  holds: boolean;
}

/** What must hold of a soak of so many rows, with its values. */
export function judge(stretches: readonly Stretch[], tenths: readonly Stretch[], rows: number): GateResult[] {
  const first = tenths[0]!;
  const last = tenths.at(-1)!;
  const wal = Math.max(...stretches.map((stretch) => stretch.wal));
  return [
    memory(first, last, rows),
    {
      what: `descriptors of the last tenth are ${last.fds}, of the first ${first.fds} (no more)`,
      holds: last.fds <= first.fds,
    },
    {
      what: `the log was never above ${inMib(wal)} MiB (at most ${inMib(WAL_BYTES)})`,
      holds: wal <= WAL_BYTES,
    },
  ];
}

function memory(first: Stretch, last: Stretch, rows: number): GateResult {
  const ratio = last.rss / first.rss;
  const what = `memory of the last tenth is ${ratio.toFixed(2)} x that of the first`;
  if (rows < 10 * SETTLED_TENTH)
    return { what: `${what} (judged from ${10 * SETTLED_TENTH} rows on)`, holds: true };
  return { what: `${what} (at most ${RSS_GROWTH})`, holds: ratio <= RSS_GROWTH };
}

export function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
