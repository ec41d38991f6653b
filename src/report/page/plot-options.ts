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
      left: spec.isLog ? { distr: 3 } : { range: fromZero },
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
      grid: spec.isLog ? { ...grid, filter: decades } : grid,
      scale: "left",
      size: 58,
      gap: 6,
      space: 34,
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

/** On a logarithmic scale a line for each power of ten is enough. */
function decades(_plot: uPlot, splits: number[]): (number | null)[] {
  return splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null));
}

function seriesOf({ label, color, form, scale = "left" }: SeriesSpec, palette: Palette): uPlot.Series {
  const stroke = palette[color];
  const isFilled = form === "area" || form === "steps";
  const series: uPlot.Series = {
    label,
    scale,
    stroke,
    width: form === "limit" ? 1 : 1.5,
    points: { show: false },
    spanGaps: false,
  };
  if (isFilled) series.fill = translucent(stroke, AREA_OPACITY);
  if (form === "limit") series.dash = [5, 4];
  if (form === "steps" || form === "limit") {
    const steps = uPlot.paths.stepped?.({ align: 1 });
    if (steps) series.paths = steps;
  }
  return series;
}
