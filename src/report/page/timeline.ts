import type { ReportedHistory } from "../report-data.ts";

export type Values = (number | null)[];

/** The moments of all plots, in seconds, as the plotter wants them: the start and the end of each span, and the start of each pause. */
export interface Timeline {
  seconds: number[];
  /** The span that a moment starts or ends; null in a pause. */
  spans: (number | null)[];
}

/** A span ends so long before the next one starts, as a moment has one value. */
const APART_S = 0.001;

export function timelineOf({ at, spanMs }: Pick<ReportedHistory, "at" | "spanMs">): Timeline {
  const timeline: Timeline = { seconds: [], spans: [] };
  const add = (second: number, span: number | null): void => {
    timeline.seconds.push(second);
    timeline.spans.push(span);
  };
  at.forEach((start, span) => {
    const end = start + spanMs[span]!;
    const next = at[span + 1];
    add(start / 1_000, span);
    add(end / 1_000 - APART_S, span);
    if (next !== undefined && next > end) add(end / 1_000, null);
  });
  return timeline;
}

/** A value of each span, from its start to its end; null in a pause. */
export function along({ spans }: Timeline, value: (span: number) => number | null): Values {
  return spans.map((span) => (span === null ? null : value(span)));
}

/** A sum that grows within each span, and stays in a pause. */
export function sumAlong({ spans }: Timeline, values: readonly number[]): Values {
  let sum = 0;
  return spans.map((span, at) => {
    if (span !== null && span === spans[at - 1]) sum += values[span]!;
    return sum;
  });
}

/** The moment at which a span has ended. */
export function endOf({ spans }: Timeline, span: number): number {
  return spans.indexOf(span) + 1;
}
