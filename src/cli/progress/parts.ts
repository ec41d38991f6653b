import { type Line, span, textOf } from "../text/line.ts";
import { columnsOf } from "../text/width.ts";

/** A piece of information in a line that may have no room for all of them. */
export interface Part {
  /** The lower, the longer it stays. */
  rank: number;
  /** Ways to say it, the longest first. */
  forms: readonly [Line, ...Line[]];
}

const GAP = "  ";

/** The parts in their order, as many and as long as fit: the least important ones are shortened first, then left out. */
export function pack(parts: readonly Part[], columns: number): Line {
  let chosen = parts.map((part) => ({ ...part, form: 0 }));
  while (chosen.length > 1 && widthOf(joined(chosen)) > columns) {
    const byRank = [...chosen].sort((a, b) => b.rank - a.rank);
    const shortened = byRank.find(({ forms, form }) => form < forms.length - 1);
    if (shortened) shortened.form += 1;
    else chosen = chosen.filter((part) => part !== byRank[0]);
  }
  return joined(chosen);
}

export function widthOf(line: Line): number {
  return columnsOf(textOf(line));
}

function joined(chosen: readonly (Part & { form: number })[]): Line {
  return chosen.flatMap(({ forms, form }, at) => (at === 0 ? forms[form]! : [span(GAP), ...forms[form]!]));
}
