import { ticks } from "./format.ts";
import { marks } from "./marks.ts";
import { type Palette, translucent } from "./palette.ts";
import type { PlotData, PlotSpec, SeriesSpec } from "./plot-spec.ts";

const FONT = '11px system-ui, -apple-system, "Segoe UI", sans-serif';
const SYNC_KEY = "run";
const HEIGHT = 190;
/** What is left free above the highest value. */
const HEADROOM = 1.08;
/** Where a scale ends that has zeros alone: its ticks are whole numbers. */
const MOST_OF_NOTHING = 4;
const AREA_OPACITY = 0.12;
const DASHES = { dashed: [6, 4], dotted: [2, 3] };
/** Durations that people know, for the ticks of a logarithmic scale. */
const TICKS_MS = [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 360_000_000];

/** A plot as the plotter wants it. */
export function plotOptions(
  spec: PlotSpec,
  data: () => PlotData,
  palette: Palette,
  width: number,
): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: SYNC_KEY }, y: false, points: { size: 6 }, drag: { x: true, y: false } },
    // Half of a time of day may stand beyond the last tick.
    padding: [10, spec.right ? 4 : 26, 0, 0],
    scales: {
      left: spec.isLog ? { distr: 3, range: aroundDurations } : { range: fromZero },
      right: { range: fromZero },
    },
    axes: axesOf(spec, palette),
    series: [{}, ...spec.series.map((one) => seriesOf(one, palette))],
    plugins: spec.hasMarks ? [marks(data, palette)] : [],
  };
}

function axesOf(spec: PlotSpec, palette: Palette): uPlot.Axis[] {
  const base = { stroke: palette.muted, font: FONT, ticks: { show: false } };
  const grid = { stroke: palette.line, width: 1 };
  const axes: uPlot.Axis[] = [
    {
      ...base,
      grid: { show: false },
      size: 26,
      gap: 6,
      space: 72,
      values: (_plot, values) => ticks(values.map((seconds) => seconds * 1_000)),
    },
    {
      ...base,
      ...(spec.isLog && { splits: knownDurations, filter: all }),
      grid: spec.isLog ? { ...grid, filter: all } : grid,
      scale: "left",
      size: 58,
      gap: 6,
      space: spec.isLog ? 1 : 34,
      values: (_plot, values) => values.map((value) => (value === null ? null : spec.left(value))),
    },
  ];
  if (spec.right) {
    const told = spec.right;
    axes.push({
      ...base,
      grid: { show: false },
      scale: "right",
      side: 1,
      size: 54,
      gap: 6,
      values: (_plot, values) => values.map((value) => (value === null ? null : told(value))),
    });
  }
  return axes;
}

function fromZero(_plot: uPlot, _least: number, most: number): uPlot.Range.MinMax {
  return [0, most > 0 ? most * HEADROOM : MOST_OF_NOTHING];
}

/** Those within the scale. */
function knownDurations({ scales }: uPlot): number[] {
  const { min = 0, max = 0 } = scales.left ?? {};
  return TICKS_MS.filter((ms) => ms >= (min ?? 0) && ms <= (max ?? 0));
}

/** The plotter would leave out some. */
function all(_plot: uPlot, splits: number[]): number[] {
  return splits;
}

/** From one of the ticks to another, so that at least these two are told. */
function aroundDurations(_plot: uPlot, least: number, most: number): uPlot.Range.MinMax {
  return [TICKS_MS.findLast((ms) => ms <= least) ?? TICKS_MS[0]!, TICKS_MS.find((ms) => ms >= most) ?? most];
}

function seriesOf(spec: SeriesSpec, palette: Palette): uPlot.Series {
  const { label, color, dash, isFilled, scale = "left" } = spec;
  const stroke = palette[color];
  const series: uPlot.Series = {
    label,
    scale,
    stroke,
    width: 1.5,
    points: { show: false },
    spanGaps: false,
  };
  if (isFilled) series.fill = translucent(stroke, AREA_OPACITY);
  if (dash) series.dash = DASHES[dash];
  return series;
}
