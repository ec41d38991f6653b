import { grouped, percent } from "../text/numbers.ts";
import { spanText } from "../text/times.ts";
import { costText } from "./cost-text.ts";
import { etaText, rateText } from "./frame.ts";
import type { Sight } from "./sight.ts";

/** A run in one line for logs and pipes. */
export function plainLine(sight: Sight): string {
  const { done, total, failed, left, throttleRatio, p95Ms, requests, tokens, cost, activity } = sight;
  const parts = [
    `${grouped(done)}/${grouped(total)}`,
    failed > 0 ? `${grouped(failed)} failed` : null,
    `ETA ${etaText(sight)}`,
    `429 ${percent(throttleRatio)}`,
    `queue ${grouped(left)}`,
    `p95 ${p95Ms === null ? "-" : spanText(p95Ms)}`,
    `${rateText(requests)} req/min`,
    `${rateText(tokens)} tok/min`,
    cost === null ? null : costText(cost)[0],
    activity.text,
  ];
  return parts.filter((part) => part !== null).join("  ");
}
