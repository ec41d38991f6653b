import type { GroupSet, Queue } from "../ports/store.ts";

/** How often to look for lanes that have ready jobs again: a retry has become due, or another process gave a job back. */
const REFRESH_MS = 1_000;

/** A lane whose turn it is. */
export interface Turn {
  lane: number;
  group: string | null;
}

/** A lane that has pending jobs. */
export interface PendingLane {
  id: number;
  group: string | null;
  /** Wall clock; 0 for a lane that has a fresh job. */
  dueAt: number;
}

/**
 * The lanes of one queue that have ready jobs, in the order of their turns. A lane is a row of the table `lanes`: the jobs of the
 * queue that are of one group. It is a guess, kept in memory so that a claim needn't look at every lane: the table decides, and a
 * transaction that is undone costs no more than a lost turn.
 */
export class Rotation {
  /** Group by lane, the next one first. */
  readonly #turns = new Map<number, string | null>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** The next lanes of groups that aren't closed. */
  next(most: number, closed: GroupSet): Turn[] {
    const turns: Turn[] = [];
    for (const [lane, group] of this.#turns) {
      if (turns.length === most) break;
      if (!isClosed(group, closed)) turns.push({ lane, group });
    }
    return turns;
  }

  /** Puts the lane at the end. */
  served({ lane, group }: Turn): void {
    if (this.#turns.delete(lane)) this.#turns.set(lane, group);
  }

  /** Takes out a lane that had no ready job left. */
  exhausted({ lane }: Turn): void {
    this.#turns.delete(lane);
  }

  /** Whether it is time to look which lanes have ready jobs. A wall clock that was set back counts as such. */
  isStale(wallMs: number): boolean {
    return Math.abs(wallMs - this.#refreshedAt) >= REFRESH_MS;
  }

  /**
   * Takes over which lanes have ready jobs now. Those that had keep their turn, others come after them.
   * @param pending all lanes of the queue that have pending jobs, due or not
   */
  refresh(pending: Iterable<PendingLane>, wallMs: number): void {
    this.#refreshedAt = wallMs;
    const ready = new Map<number, string | null>();
    for (const { id, group, dueAt } of pending) if (dueAt <= wallMs) ready.set(id, group);
    for (const lane of this.#turns.keys()) if (!ready.has(lane)) this.#turns.delete(lane);
    for (const [lane, group] of ready) this.#turns.set(lane, group);
  }
}

/** The rotations of the queues that this process claims from. */
export class Rotations {
  readonly #rotations = new Map<string, Rotation>();

  of(run: number, { model, stage }: Queue): Rotation {
    const name = JSON.stringify([run, model, stage]);
    let rotation = this.#rotations.get(name);
    if (rotation === undefined) {
      rotation = new Rotation();
      this.#rotations.set(name, rotation);
    }
    return rotation;
  }
}

/** Wall clock at which the first job of groups that aren't closed is due; 0 when one is ready, null when none is pending. */
export function firstDueAt(
  pending: Iterable<PendingLane>,
  { closed, wallMs }: { closed: GroupSet; wallMs: number },
): number | null {
  let first: number | null = null;
  for (const { group, dueAt } of pending) {
    if (isClosed(group, closed)) continue;
    if (dueAt <= wallMs) return 0;
    first = Math.min(dueAt, first ?? dueAt);
  }
  return first;
}

/** The groups of lanes that have pending jobs. */
export function groupsOf(pending: Iterable<PendingLane>): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const { group } of pending) if (group !== null) groups.add(group);
  return groups;
}

/** Reorders claimed rows: the first of each lane, then the second of each, so that they are also sent in turn. */
export function alternating<Row extends { turn: Turn }>(served: readonly Row[]): readonly Row[] {
  const byLane: Row[][] = [];
  for (const one of served) {
    const last = byLane.at(-1);
    if (last?.[0]?.turn === one.turn) last.push(one);
    else byLane.push([one]);
  }
  if (byLane.length < 2) return served;
  const longest = Math.max(...byLane.map((rows) => rows.length));
  return Array.from({ length: longest }, (_, at) => byLane.flatMap((rows) => rows[at] ?? [])).flat();
}

/** Rows of no group have no budget of their own. */
function isClosed(group: string | null, closed: GroupSet): boolean {
  return group !== null && closed.has(group);
}
