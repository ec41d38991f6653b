import type { BreakerSpan } from "../report-data.ts";
import { type Palette, translucent } from "./palette.ts";
import type { PlotData } from "./plot-spec.ts";

const OPACITY: Readonly<Record<BreakerSpan["state"], number>> = {
  open: 0.16,
  blocked: 0.24,
  "half-open": 0.1,
  ramping: 0.06,
};
/** Ticks of refused calls, in CSS pixels: they stand at the foot of the plot, taller for more. */
const TICK_WIDTH = 2;
const TICK_LEAST = 5;
const TICK_MOST = 18;

/** Draws breakers as bands behind the curves, and refused calls as ticks below them. */
export function marks(data: () => PlotData, palette: Palette): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => clipped(plot, () => drawBreakers(plot, data(), palette)),
      draw: (plot) => clipped(plot, () => drawRefusals(plot, data(), palette)),
    },
  };
}

function clipped(plot: uPlot, draw: () => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

function drawBreakers(plot: uPlot, { history, nowMs }: PlotData, palette: Palette): void {
  const { ctx, bbox } = plot;
  for (const { state, from, to } of history.breaker) {
    const left = plot.valToPos(from / 1_000, "x", true);
    const right = plot.valToPos((to ?? nowMs) / 1_000, "x", true);
    ctx.fillStyle = translucent(palette.bad, OPACITY[state]);
    ctx.fillRect(left, bbox.top, Math.max(right - left, devicePixelRatio), bbox.height);
  }
}

function drawRefusals(plot: uPlot, { history }: PlotData, palette: Palette): void {
  const { ctx, bbox } = plot;
  const most = history.throttled.reduce((found, value) => Math.max(found, value), 0);
  ctx.fillStyle = palette.warn;
  history.throttled.forEach((refused, span) => {
    if (refused === 0) return;
    const middle = (history.at[span]! + history.spanMs[span]! / 2) / 1_000;
    const height = (TICK_LEAST + (TICK_MOST - TICK_LEAST) * (refused / most)) * devicePixelRatio;
    const width = TICK_WIDTH * devicePixelRatio;
    const left = plot.valToPos(middle, "x", true) - width / 2;
    ctx.fillRect(left, bbox.top + bbox.height - height, width, height);
  });
}
