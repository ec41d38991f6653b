import { dropShare, type ProbeTurn, probeTurn, renewShare, type Shares } from "./shares.ts";

/** A call that had to wait for quota this lately says that quota is still short. */
const STARVED_MS = 1_500;
/** A process that isn't short of quota wants half as much again as it uses, and a little to start with. */
const ROOM_TO_GROW = 1.5;
const LEAST_WANTED = 0.05;

/** How long to wait for the process whose turn it is to probe: it may have no row to probe with. */
const PROBER_PATIENCE_MS = 15_000;

/** This process among those that share an endpoint: what of the quota it could use, and when it may probe. Times are monotonic. */
export class ShareHolder {
  readonly #name: string;
  #starvedAt = Number.NEGATIVE_INFINITY;
  #probeTurn: ProbeTurn = "mine";

  /** @param name its own, among those of the others */
  constructor(name: string) {
    this.#name = name;
  }

  /** A call had to wait for quota. */
  starved(now: number): void {
    this.#starvedAt = now;
  }

  /** @param inUse the part of the quota that it uses now, 0 to 1 */
  renew(
    shares: Shares,
    { inUse, now, wall, probing }: { inUse: number; now: number; wall: number; probing: boolean },
  ): Shares {
    return renewShare(shares, this.#name, this.#wants(inUse, now), wall, probing);
  }

  partIn(shares: Shares): number {
    return shares[this.#name]!.part;
  }

  drop(shares: Shares): Shares {
    return dropShare(shares, this.#name);
  }

  /** Takes note of what the others do. */
  see(shares: Shares, wall: number): void {
    this.#probeTurn = probeTurn(shares, this.#name, wall);
  }

  /** When it may begin to probe an endpoint whose cooldown is over at `dueAt`. */
  mayProbeAt(dueAt: number): number {
    if (this.#probeTurn === "mine") return dueAt;
    return this.#probeTurn === "others" ? dueAt + PROBER_PATIENCE_MS : Number.POSITIVE_INFINITY;
  }

  /** The part that it could use: all it can get, if calls have waited for it of late. */
  #wants(inUse: number, now: number): number {
    if (now - this.#starvedAt < STARVED_MS) return 1;
    return Math.min(1, inUse * ROOM_TO_GROW + LEAST_WANTED);
  }
}
