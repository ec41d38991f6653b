import { draw } from "./seeded.ts";

/** How a latency (milliseconds) or a length (tokens) is spread. */
export type Distribution =
  | { kind: "constant"; value: number }
  | { kind: "uniform"; from: number; to: number }
  | { kind: "lognormal"; median: number; sigma: number };

/** Reads `V`, `uniform:V-V` or `lognormal:median=V,sigma=0.4`, where `parseValue` reads a V. */
export function parseDistribution(
  text: string,
  parseValue: (text: string) => number | null,
): Distribution | null {
  const uniform = /^uniform:([^-]+)-([^-]+)$/.exec(text);
  if (uniform) {
    const from = parseValue(uniform[1]!);
    const to = parseValue(uniform[2]!);
    return from === null || to === null || from > to ? null : { kind: "uniform", from, to };
  }
  const lognormal = /^lognormal:median=([^,]+),sigma=(\d+(?:\.\d+)?)$/.exec(text);
  if (lognormal) {
    const median = parseValue(lognormal[1]!);
    return median === null ? null : { kind: "lognormal", median, sigma: Number(lognormal[2]) };
  }
  const value = parseValue(text);
  return value === null ? null : { kind: "constant", value };
}

/** A value of the distribution for one call of a prompt. Uses `purpose` and the number after it. */
export function sample(spread: Distribution, promptHash: number, call: number, purpose: number): number {
  switch (spread.kind) {
    case "constant":
      return spread.value;
    case "uniform":
      return spread.from + (spread.to - spread.from) * draw(promptHash, call, purpose);
    case "lognormal":
      return spread.median * Math.exp(spread.sigma * normal(promptHash, call, purpose));
  }
}

/** A standard normal value, by the Box-Muller transform. */
function normal(promptHash: number, call: number, purpose: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - draw(promptHash, call, purpose)));
  return radius * Math.cos(2 * Math.PI * draw(promptHash, call, purpose + 1));
}
