import type { GroupSet, Queue } from "../../ports/store.ts";
import type { PendingLanes } from "./pending-lanes.ts";
import { isClosed } from "./waiting-jobs.ts";

/** A lane that was found empty may have a due retry, or a job that another process gave back: looked for so often. */
const REFRESH_MS = 1_000;

/** A lane whose turn it is. */
export interface Turn {
  lane: number;
  group: string | null;
}

/**
 * The lanes of one queue that have ready jobs, in the order of their turns. It is a guess, kept in memory so that a claim
 * needn't look at every lane: the table decides, and a transaction that is undone leaves nothing worse than a lost turn.
 */
export class Rotation {
  readonly #lanes: PendingLanes;
  readonly #run: number;
  readonly #queue: Queue;
  /** Group by lane, the next one first. */
  readonly #turns = new Map<number, string | null>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(lanes: PendingLanes, run: number, queue: Queue) {
    this.#lanes = lanes;
    this.#run = run;
    this.#queue = queue;
  }

  /** The next lanes of groups that aren't closed. */
  next(most: number, closed: GroupSet): Turn[] {
    const turns: Turn[] = [];
    for (const [lane, group] of this.#turns) {
      if (turns.length === most) break;
      if (!isClosed(group, closed)) turns.push({ lane, group });
    }
    return turns;
  }

  /** The lane comes last from now. */
  served({ lane, group }: Turn): void {
    if (this.#turns.delete(lane)) this.#turns.set(lane, group);
  }

  /** The lane had no ready job left. */
  exhausted({ lane }: Turn): void {
    this.#turns.delete(lane);
  }

  /** Whether it is time to look which lanes have ready jobs. A wall clock that was set back counts as such. */
  isStale(wallMs: number): boolean {
    return Math.abs(wallMs - this.#refreshedAt) >= REFRESH_MS;
  }

  /** Lanes that are still there keep their turn, others come after them. */
  refresh(wallMs: number): void {
    this.#refreshedAt = wallMs;
    const ready = this.#ready(wallMs);
    for (const lane of this.#turns.keys()) if (!ready.has(lane)) this.#turns.delete(lane);
    for (const [lane, group] of ready) this.#turns.set(lane, group);
  }

  #ready(wallMs: number): Map<number, string | null> {
    const ready = new Map<number, string | null>();
    for (const { id, group } of this.#lanes.fresh(this.#run, this.#queue)) ready.set(id, group);
    for (const { id, group, dueAt } of this.#lanes.delayed(this.#run, this.#queue)) {
      if (dueAt <= wallMs) ready.set(id, group);
    }
    return ready;
  }
}
