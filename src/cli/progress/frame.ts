import { formatDuration } from "../../domain/duration.ts";
import { fitted, type Line, span } from "../text/line.ts";
import { compact, donePercent, grouped, percent, short } from "../text/numbers.ts";
import { spanText } from "../text/times.ts";
import { costText } from "./cost-text.ts";
import { type Part, pack, widthOf } from "./parts.ts";
import type { Rate, Sight } from "./sight.ts";

const LEAST_BAR = 5;
const MOST_BAR = 40;

/** The characters of a bar: of its done part, of the cell in between by eighths, and of the rest. */
export interface Glyphs {
  full: string;
  eighths: readonly string[];
  rest: string;
}

export const BLOCKS: Glyphs = { full: "█", eighths: ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"], rest: "░" };
export const ASCII: Glyphs = { full: "#", eighths: [""], rest: "-" };

/**
 * A run in three lines, none wider than the window less one column, which a cursor at the end of a full line would need.
 * Narrow windows shorten the parts, then leave out the least important. How often limits bite, how deep the queue is, and
 * p95 with the wait stay in sight: they tell whether the run runs well.
 */
export function frame(sight: Sight, columns: number, glyphs: Glyphs = BLOCKS): readonly Line[] {
  const width = Math.max(columns - 1, 1);
  const lines = [progressLine(sight, width, glyphs), figuresLine(sight, width), activityLine(sight, width)];
  return lines.map((line) => fitted(line, width));
}

function progressLine(sight: Sight, width: number, glyphs: Glyphs): Line {
  const { done, total, failed } = sight;
  return barLine(
    { done, total },
    [
      part(1, [span(`${grouped(done)}/${grouped(total)}`)], [span(`${compact(done)}/${compact(total)}`)]),
      ...(failed > 0
        ? [part(2, [span(`${grouped(failed)} failed`, "bad")], [span(`${compact(failed)} failed`, "bad")])]
        : []),
      part(3, [span("ETA ", "faint"), span(etaText(sight))]),
    ],
    width,
    glyphs,
  );
}

/** A bar with its percentage, and what stands beside it. */
export function barLine(
  { done, total }: { done: number; total: number },
  beside: readonly Part[],
  width: number,
  glyphs: Glyphs,
): Line {
  const ratio = total === 0 ? 0 : Math.min(1, done / total);
  const share = part(5, [span(donePercent(done, total).padStart(4), "strong")]);
  const text = pack([share, ...beside], width - LEAST_BAR - 1);
  const room = Math.min(MOST_BAR, width - widthOf(text) - 1);
  return room < LEAST_BAR ? text : [...bar(ratio, room, glyphs), span(" "), ...text];
}

function bar(ratio: number, cells: number, { full, eighths, rest }: Glyphs): Line {
  const steps = Math.floor(ratio * cells * eighths.length);
  const filled = Math.floor(steps / eighths.length);
  const partial = eighths[steps % eighths.length]!;
  const empty = cells - filled - (partial === "" ? 0 : 1);
  return [span(full.repeat(filled) + partial, "good"), span(rest.repeat(empty), "faint")];
}

/** In whole seconds, and no less than one while rows are left. */
export function etaText({ etaMs, left, total }: Sight): string {
  if (total === 0) return "unknown";
  if (left === 0) return "0s";
  return etaMs === null ? "unknown" : formatDuration(Math.max(1, Math.round(etaMs / 1_000)) * 1_000);
}

function figuresLine(sight: Sight, width: number): Line {
  const { throttleRatio, left, p95Ms, requests, tokens } = sight;
  return pack(
    [
      part(1, figure("429 ", percent(throttleRatio), throttleRatio > 0 ? "notable" : "plain")),
      part(2, figure("queue ", grouped(left)), figure("queue ", compact(left))),
      part(3, figure("p95 ", p95Ms === null ? "-" : spanText(p95Ms))),
      part(4, [span(rateText(requests)), span(" req/min", "faint")]),
      part(5, [span(rateText(tokens)), span(" tok/min", "faint")]),
    ],
    width,
  );
}

function activityLine({ activity, cost }: Sight, width: number): Line {
  const what = part(1, [span(activity.text, activity.isHeld ? "notable" : "faint")]);
  return pack(cost === null ? [what] : [costPart(cost), what], width);
}

function costPart(cost: NonNullable<Sight["cost"]>): Part {
  const [long, brief] = costText(cost);
  return part(2, [span(long)], [span(brief)]);
}

function figure(label: string, value: string, tone: "plain" | "notable" = "plain"): Line {
  return [span(label, "faint"), span(value, tone)];
}

/** `548/600`; the quota is left out where none is known. */
export function rateText({ perMinute, limit }: Rate): string {
  return limit === null ? short(perMinute) : `${short(perMinute)}/${short(limit)}`;
}

export function part(rank: number, ...forms: [Line, ...Line[]]): Part {
  return { rank, forms };
}
