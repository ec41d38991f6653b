import type { ReportedHistory } from "../report-data.ts";
import type { Palette } from "./palette.ts";
import type { Timeline, Values } from "./timeline.ts";

export interface SeriesSpec {
  label: string;
  color: keyof Palette;
  /** Lines are told apart by more than their colours. Default: an unbroken one. */
  dash?: "dashed" | "dotted";
  isFilled?: boolean;
  /** The scale it goes by; `right` has its axis on the right. Default: `left`. */
  scale?: "left" | "right";
  values: Values;
  /** A value as text, with its unit. */
  text: (value: number) => string;
}

/** A plot of one or more series over time. */
export interface PlotSpec {
  id: string;
  title: string;
  /** The plot in words: what somebody would say who looks at it. */
  summary: string;
  series: readonly SeriesSpec[];
  /** Ticks of the axes. */
  left: (value: number) => string;
  right?: (value: number) => string;
  /** Whether the left scale is logarithmic. */
  isLog?: boolean;
  /** Whether breakers and refusals are marked. */
  hasMarks?: boolean;
}

export interface PlotData {
  history: ReportedHistory;
  timeline: Timeline;
  /** The wall clock, where breakers that are still open end. */
  nowMs: number;
}
