import type { ReportedHistory } from "../report-data.ts";

export type Values = (number | null)[];

/**
 * The moments of all plots, in seconds, as the plotter wants them: where each span starts, and one more wherever nothing
 * follows it, so that gaps stay empty and the last span has its width.
 */
export interface Timeline {
  seconds: number[];
  /** The span of each moment; null at an end. */
  spans: (number | null)[];
}

export function timelineOf({ at, spanMs }: ReportedHistory): Timeline {
  const seconds: number[] = [];
  const spans: (number | null)[] = [];
  at.forEach((start, span) => {
    seconds.push(start / 1_000);
    spans.push(span);
    const end = start + spanMs[span]!;
    if (at[span + 1] === end) return;
    seconds.push(end / 1_000);
    spans.push(null);
  });
  return { seconds, spans };
}

/** A value of each span, on the timeline; null at ends. */
export function along({ spans }: Timeline, value: (span: number) => number | null): Values {
  return spans.map((span) => (span === null ? null : value(span)));
}

/** The same for steps: the last value is held to the end of its span. */
export function stepsAlong({ spans }: Timeline, value: (span: number) => number | null): Values {
  return spans.map((span, at) => {
    const held = span ?? spans[at - 1] ?? null;
    return held === null ? null : value(held);
  });
}
