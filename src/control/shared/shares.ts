/**
 * How processes on one database divide an endpoint's quota. Each holds a part of it, and renews it about every second in one
 * transaction:
 *
 * - What is given out never adds up to more than the whole: a part grows only into what nobody holds.
 * - Parts tend to what is fair: equal for processes that could use more, and what it needs for one that needs less.
 * - A part that wasn't renewed for {@link LEASE_MS} belongs to nobody: its process is dead, or asleep.
 */
interface Share {
  /** Wall clock of the last renewal. */
  at: number;
  /** The part held, 0 to 1. */
  part: number;
  /** The part it could use, 0 to 1. */
  wants: number;
  /** Set while it has probes out. */
  probing?: true;
}

/** The shares of an endpoint, by the name of who holds them. */
export type Shares = Readonly<Record<string, Share>>;

/** How long a part is held without being renewed: three renewals may fail. */
export const LEASE_MS = 3_500;

/** Renews the share of `holder`, or gives it one. Shares that have run out are dropped. */
export function renewShare(
  shares: Shares,
  holder: string,
  wants: number,
  wall: number,
  probing = false,
): Shares {
  const others = Object.entries(shares).filter(([name, share]) => name !== holder && isHeld(share, wall));
  const held = others.reduce((sum, [, { part }]) => sum + part, 0);
  const fair = fairPart(
    wants,
    others.map(([, share]) => share.wants),
  );
  const part = Math.max(0, Math.min(fair, 1 - held));
  const share: Share = { at: wall, part, wants, ...(probing && { probing }) };
  return Object.fromEntries([...others, [holder, share]]);
}

/**
 * Whose turn it is to probe an endpoint that may be back: `mine`; `others`, of which none has begun; or `taken` by one that has.
 */
export type ProbeTurn = "mine" | "others" | "taken";

/** So that all processes together send no more probes than one would: the first of them by name is to send them. */
export function probeTurn(shares: Shares, holder: string, wall: number): ProbeTurn {
  const others = Object.entries(shares).filter(([name, share]) => name !== holder && isHeld(share, wall));
  if (others.some(([, { probing }]) => probing)) return "taken";
  return others.every(([name]) => holder < name) ? "mine" : "others";
}

/** Gives a share up. */
export function dropShare(shares: Shares, holder: string): Shares {
  return Object.fromEntries(Object.entries(shares).filter(([name]) => name !== holder));
}

/** A moment in the future means that the clock was set back: such a share is renewed soon, or dead. */
function isHeld({ at }: Share, wall: number): boolean {
  return Math.abs(wall - at) <= LEASE_MS;
}

/**
 * What is fair for one: everyone gets what it wants up to a common level, and what then is left is spread evenly, so
 * that nobody is short when its need rises before the next renewal.
 */
function fairPart(mine: number, others: readonly number[]): number {
  const wants = [mine, ...others].sort((a, b) => a - b);
  let left = 1;
  for (const [index, want] of wants.entries()) {
    const level = left / (wants.length - index);
    if (want >= level) return Math.min(mine, level);
    left -= want;
  }
  return mine + left / wants.length;
}
