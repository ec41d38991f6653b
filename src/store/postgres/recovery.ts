import type { Recovered } from "../../ports/store.ts";
import type { Spool, Unwritten } from "../spool.ts";
import type { Claims } from "./claims.ts";
import type { Endings } from "./endings.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const THERE = statement<{ runs: string[] }, { id: string }>(
  "SELECT id FROM {runs} WHERE id = ANY(@runs::text[])",
);

const NOTHING: Recovered = { recorded: 0, late: 0 };

interface RecoveryParts {
  spool: Spool;
  commits: GroupCommit;
  claims: Claims;
  endings: Endings;
  tell(text: string): void;
}

/** Writes what processes on this machine had to spool. */
export class Recovery {
  readonly #parts: RecoveryParts;
  /** Since it was asked for last. */
  #recovered = NOTHING;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** A file goes only after its commit: what is written again, because a process died in between, changes nothing. */
  async recover(): Promise<void> {
    const { spool, commits, tell } = this.#parts;
    let found = NOTHING;
    for (const file of spool.files()) {
      const unwritten = this.#read(file);
      if (unwritten === null) continue;
      const recovered = await commits.write((session) => this.#write(session, unwritten));
      spool.remove(file);
      found = sumOf(found, recovered);
    }
    if (found.recorded + found.late > 0) tell(textOf(found));
    this.#recovered = sumOf(this.#recovered, found);
  }

  /** What was recorded since this was asked last. */
  take(): Recovered {
    const recovered = this.#recovered;
    this.#recovered = NOTHING;
    return recovered;
  }

  #read(file: string): Unwritten[] | null {
    const { spool, tell } = this.#parts;
    try {
      return spool.read(file);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      tell(`${spool.setAside(file)} is damaged: what it held is not recorded, and its calls are sent again`);
      return null;
    }
  }

  async #write(session: Session, unwritten: readonly Unwritten[]): Promise<Recovered> {
    const { claims, endings } = this.#parts;
    const runs = unwritten.map(({ run }) => run);
    const there = new Set((await session.all(THERE, { runs })).map(({ id }) => id));
    const all = unwritten.filter(({ run }) => there.has(run));
    const unsent = all.flatMap((one) => ("unsent" in one ? [{ job: one.unsent, owner: one.owner }] : []));
    const ended = all.flatMap((one) => ("ending" in one ? [{ ending: one.ending, owner: one.owner }] : []));
    if (unsent.length > 0) await claims.release(session, unsent);
    return ended.length > 0 ? endings.recover(session, ended) : NOTHING;
  }
}

function sumOf(one: Recovered, other: Recovered): Recovered {
  return { recorded: one.recorded + other.recorded, late: one.late + other.late };
}

function textOf({ recorded, late }: Recovered): string {
  const answers = recorded === 1 ? "1 answer" : `${recorded} answers`;
  const others = late > 0 ? `, ${late} came too late for their rows and are kept with their attempts` : "";
  return `${answers} recorded that a process here couldn't record before it ended${others}`;
}
