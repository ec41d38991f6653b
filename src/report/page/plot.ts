import type { BreakerSpan } from "../report-data.ts";
import { el, show, tableOf } from "./dom.ts";
import { count, dateTime, momentAmong } from "./format.ts";
import { type Palette, readPalette } from "./palette.ts";
import { plotOptions } from "./plot-options.ts";
import type { PlotData, PlotSpec } from "./plot-spec.ts";
import { endOf, type Values } from "./timeline.ts";

const LEAST_WIDTH = 200;
/** Durations below are drawn as this: a logarithmic scale has no zero. */
const LEAST_MS = 1;
/** Lines of a plot's table of values at most. */
const TABLE_LINES = 24;

/** One plot, with its legend, its summary and its values as a table. */
export class Plot {
  readonly root: HTMLElement;
  readonly #title = el("h3");
  readonly #all: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #summary: HTMLElement;
  readonly #legend: HTMLElement;
  readonly #table: HTMLElement;
  #spec: PlotSpec;
  #data: PlotData;
  #plot: uPlot | null = null;

  /** @param showAll makes all plots show the whole time again */
  constructor(spec: PlotSpec, data: PlotData, showAll: () => void) {
    this.#spec = spec;
    this.#all = el("button", { type: "button", class: "link", hidden: true, click: showAll }, "Show all");
    this.#data = data;
    this.#readout = el("p", { class: "readout" });
    this.#legend = el("p", { class: "legend" });
    this.#summary = el("p", { class: "summary" });
    this.#canvas = el("div", {
      class: "canvas",
      role: "slider",
      tabindex: 0,
      keydown: (event) => this.#onKey(event),
    });
    this.#table = el("details", { toggle: () => this.#fillTable() }, el("summary", {}, "Values as a table"));
    this.root = el(
      "figure",
      { id: `plot-${spec.id}` },
      el("figcaption", {}, this.#title, this.#all, this.#legend, this.#readout),
      this.#canvas,
      this.#summary,
      this.#table,
    );
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
  }

  /** Shows another state of the same plot; draws anew where its series have changed. */
  update(spec: PlotSpec, data: PlotData): void {
    const isSame = labelsOf(spec) === labelsOf(this.#spec);
    this.#spec = spec;
    this.#data = data;
    this.#describe();
    if (this.#plot && isSame) this.#follow(this.#plot);
    else this.draw();
  }

  /** Shows the whole time. */
  showAll(): void {
    const { seconds } = this.#data.timeline;
    this.#plot?.setScale("x", { min: seconds[0]!, max: seconds.at(-1)! });
  }

  /** What was zoomed into stays in view, whatever is added behind it. */
  #follow(plot: uPlot): void {
    const { min, max } = plot.scales.x!;
    const isWhole = !isZoomed(plot);
    plot.setData(this.#columns(), isWhole);
    if (!isWhole) plot.setScale("x", { min: min!, max: max! });
  }

  draw(): void {
    this.#plot?.destroy();
    const palette = readPalette();
    const width = Math.max(this.#canvas.clientWidth, LEAST_WIDTH);
    const options = plotOptions(this.#spec, () => this.#data, palette, width);
    options.hooks = {
      setCursor: [(plot) => this.#onCursor(plot.cursor.idx ?? null)],
      setScale: [(plot) => this.#all.toggleAttribute("hidden", !isZoomed(plot))],
    };
    this.#plot = new uPlot(options, this.#columns(), this.#canvas);
    this.#plot.root.setAttribute("aria-hidden", "true");
    this.#describe();
    this.#showLegend(palette);
  }

  #columns(): uPlot.AlignedData {
    const { series, isLog } = this.#spec;
    const drawn = (values: Values): Values =>
      isLog ? values.map((ms) => (ms === null ? null : Math.max(ms, LEAST_MS))) : values;
    return [this.#data.timeline.seconds, ...series.map(({ values }) => drawn(values))];
  }

  #resize(): void {
    const width = Math.max(this.#canvas.clientWidth, LEAST_WIDTH);
    if (this.#plot && this.#plot.width !== width) this.#plot.setSize({ width, height: this.#plot.height });
  }

  #describe(): void {
    const { title, summary } = this.#spec;
    show(this.#title, title);
    show(this.#summary, summary);
    this.#canvas.setAttribute("aria-label", `${title}: moment`);
    this.#canvas.setAttribute("aria-valuemin", "0");
    this.#canvas.setAttribute("aria-valuemax", String(this.#data.history.at.length - 1));
    this.#onCursor(this.#plot?.cursor.idx ?? null);
    if (this.#table.hasAttribute("open")) this.#fillTable();
  }

  #showLegend(palette: Palette): void {
    const keys = this.#spec.series.map(({ label, color, dash, isFilled }) => {
      const key = el("span", { class: `key ${isFilled ? "" : (dash ?? "line")}` }, label);
      key.style.setProperty("--key", palette[color]);
      return key;
    });
    const { breaker, throttled } = this.#data.history;
    if (this.#spec.hasMarks && breaker.length > 0)
      keys.push(el("span", { class: "key band" }, "breaker open"));
    if (this.#spec.hasMarks && throttled.some((refused) => refused > 0))
      keys.push(el("span", { class: "key tick" }, "429"));
    show(this.#legend, ...keys);
  }

  #onCursor(moment: number | null): void {
    const span = this.#spanAt(moment);
    const text = moment === null ? "" : span === null ? "not worked on" : this.#textOf(span);
    show(this.#readout, text);
    this.#legend.hidden = text !== "";
    this.#readout.hidden = text === "";
    this.#canvas.setAttribute("aria-valuenow", String(span ?? 0));
    this.#canvas.setAttribute("aria-valuetext", text || "arrow keys move through time");
  }

  #spanAt(moment: number | null): number | null {
    return moment === null ? null : (this.#data.timeline.spans[moment] ?? null);
  }

  #textOf(span: number): string {
    const { history, timeline } = this.#data;
    const moment = endOf(timeline, span);
    const marks = this.#spec.hasMarks ? marksIn(history, span) : [];
    const values = this.#spec.series.map(({ label, values, text }) => {
      const value = values[moment] ?? null;
      return value === null ? null : `${label} ${text(value).replace(` ${label}`, "")}`;
    });
    const time = momentAmong(history.at[span]!, history.at[0]!, history.at.at(-1)!);
    return [time, ...marks, ...values].filter(Boolean).join(" · ");
  }

  #onKey(event: Event): void {
    const plot = this.#plot;
    const { at, spanMs } = this.#data.history;
    const now = this.#spanAt(plot?.cursor.idx ?? null) ?? -1;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: now + 1,
      ArrowLeft: now < 0 ? at.length - 1 : now - 1,
      PageUp: now + 10,
      PageDown: now - 10,
      Home: 0,
      End: at.length - 1,
    };
    const target = moves[(event as KeyboardEvent).key];
    if (!plot || target === undefined) return;
    event.preventDefault();
    const span = Math.min(Math.max(target, 0), at.length - 1);
    plot.setCursor({ left: plot.valToPos((at[span]! + spanMs[span]! / 2) / 1_000, "x"), top: 10 });
  }

  #fillTable(): void {
    if (!this.#table.hasAttribute("open")) return;
    const { timeline, history } = this.#data;
    const step = Math.max(1, Math.ceil(history.at.length / TABLE_LINES));
    const lines = history.at.flatMap((_, span) => (span % step === 0 ? [span] : []));
    const columns = this.#spec.series.map(({ label, values, text }) => ({
      head: label,
      isNumber: true,
      cell: (span: number) => valueText(values[endOf(timeline, span)] ?? null, text),
    }));
    const marks = [
      { head: "429", isNumber: true, cell: (span: number) => count(history.throttled[span]!) },
      { head: "Breaker", cell: (span: number) => breakerIn(history, span) ?? "closed" },
    ];
    const caption = `${this.#spec.title}${step > 1 ? `, every ${step}th moment` : ""}`;
    const moment = { head: "Time", cell: (span: number) => dateTime(history.at[span]!) };
    const all = [moment, ...columns, ...(this.#spec.hasMarks ? marks : [])];
    show(this.#table, this.#table.querySelector("summary"), tableOf(caption, all, lines));
  }
}

function marksIn(history: PlotData["history"], span: number): string[] {
  const refused = history.throttled[span]!;
  const state = breakerIn(history, span);
  return [
    ...(refused > 0 ? [`${count(refused)} × 429`] : []),
    ...(state === null ? [] : [`breaker ${state}`]),
  ];
}

/** The state of a breaker that let less through in a span; null where none did. */
function breakerIn({ breaker, at, spanMs }: PlotData["history"], span: number): BreakerSpan["state"] | null {
  const end = at[span]! + spanMs[span]!;
  return breaker.find(({ from, to }) => from < end && (to === null || to > at[span]!))?.state ?? null;
}

function isZoomed({ scales, data: [seconds] }: uPlot): boolean {
  const { min, max } = scales.x!;
  return min! > seconds[0]! || max! < seconds.at(-1)!;
}

function labelsOf(spec: PlotSpec): string {
  return spec.series.map(({ label }) => label).join();
}

function valueText(value: number | null, text: (value: number) => string): string {
  return value === null ? "–" : text(value);
}
