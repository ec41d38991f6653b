import { limitOf, REQUEST_DIMENSIONS, TOKEN_DIMENSIONS } from "../../observe/limit.ts";
import type { Look, RunStatus } from "../../observe/status.ts";
import type { Field } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";
import { percent, short } from "../text/numbers.ts";

/** A rate over less time than this says nothing. */
const LEAST_MS = 1_000;
/** Quotas are those of a minute: in less, the first calls take at once what was free before, and a share would be 150 %. */
const LEAST_MS_OF_SHARE = 60_000;

/** What was done while this process worked, by whichever processes did it. */
export interface Work {
  ms: number;
  rows: number;
  calls: number;
  tokens: number;
  /** The quotas per minute that were in force; null where none is known. */
  limits: { calls: number | null; tokens: number | null };
}

export function workOf(before: RunStatus, { status: after, endpoints }: Look, ms: number): Work {
  return {
    ms,
    rows: doneOf(after) - doneOf(before),
    calls: after.attempts.total - before.attempts.total,
    tokens: tokensOf(after) - tokensOf(before),
    limits: {
      calls: limitOf(endpoints, REQUEST_DIMENSIONS),
      tokens: limitOf(endpoints, TOKEN_DIMENSIONS),
    },
  };
}

/** How fast it went, and how much of the quotas that took. */
export function speedField({ ms, rows, calls, tokens, limits }: Work): Field[] {
  if (ms < LEAST_MS || calls === 0) return [];
  const perMinute = (units: number): number => (units * 60_000) / ms;
  const told = ms < LEAST_MS_OF_SHARE ? { calls: null, tokens: null } : limits;
  const items: Line[] = [
    [span(`${short(perMinute(rows))} rows/min`)],
    rate(perMinute(calls), told.calls, "calls/min"),
    rate(perMinute(tokens), told.tokens, "tokens/min"),
  ];
  return [{ label: "speed", items }];
}

function rate(perMinute: number, limit: number | null, unit: string): Line {
  const share = limit === null ? "" : ` (${percent(perMinute / limit)} of ${short(limit)})`;
  return [span(`${short(perMinute)} ${unit}${share}`)];
}

/** Rows that were cancelled took no work. */
function doneOf({ jobs }: RunStatus): number {
  return jobs.succeeded + jobs.failed;
}

function tokensOf({ tokens }: RunStatus): number {
  return tokens.input + tokens.output;
}
