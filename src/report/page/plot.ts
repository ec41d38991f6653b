import { el, show, tableOf } from "./dom.ts";
import { dateTime } from "./format.ts";
import { type Palette, readPalette } from "./palette.ts";
import { plotOptions } from "./plot-options.ts";
import type { PlotData, PlotSpec } from "./plot-spec.ts";
import { along, type Values } from "./timeline.ts";

const LEAST_WIDTH = 200;
/** Lines of a plot's table of values at most. */
const TABLE_LINES = 24;

/** One plot, with its legend, its summary and its values as a table. */
export class Plot {
  readonly root: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #summary: HTMLElement;
  readonly #legend: HTMLElement;
  readonly #table: HTMLElement;
  #spec: PlotSpec;
  #data: PlotData;
  #plot: uPlot | null = null;

  constructor(spec: PlotSpec, data: PlotData) {
    this.#spec = spec;
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
      el("figcaption", {}, el("h3", {}, spec.title), this.#legend, this.#readout),
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
    if (this.#plot && isSame) this.#plot.setData(this.#columns());
    else this.draw();
  }

  draw(): void {
    this.#plot?.destroy();
    const palette = readPalette();
    const width = Math.max(this.#canvas.clientWidth, LEAST_WIDTH);
    const options = plotOptions(this.#spec, () => this.#data, palette, width);
    options.hooks = { setCursor: [(plot) => this.#onCursor(plot.cursor.idx ?? null)] };
    this.#plot = new uPlot(options, this.#columns(), this.#canvas);
    this.#plot.root.setAttribute("aria-hidden", "true");
    this.#describe();
    this.#showLegend(palette);
  }

  #columns(): uPlot.AlignedData {
    return [this.#data.timeline.seconds, ...this.#spec.series.map(({ values }) => values)];
  }

  #resize(): void {
    const width = Math.max(this.#canvas.clientWidth, LEAST_WIDTH);
    if (this.#plot && this.#plot.width !== width) this.#plot.setSize({ width, height: this.#plot.height });
  }

  #describe(): void {
    const { title, summary } = this.#spec;
    show(this.#summary, summary);
    this.#canvas.setAttribute("aria-label", `${title}: moment`);
    this.#canvas.setAttribute("aria-valuemin", "0");
    this.#canvas.setAttribute("aria-valuemax", String(Math.max(0, this.#data.timeline.seconds.length - 1)));
    this.#onCursor(this.#plot?.cursor.idx ?? null);
    if (this.#table.hasAttribute("open")) this.#fillTable();
  }

  #showLegend(palette: Palette): void {
    const keys = this.#spec.series.map(({ label, color, form }) => {
      const key = el("span", { class: form === "limit" ? "key dashed" : "key" }, label);
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

  #onCursor(at: number | null): void {
    const text = at === null ? "" : this.#textAt(at);
    show(this.#readout, text);
    this.#legend.hidden = text !== "";
    this.#readout.hidden = text === "";
    this.#canvas.setAttribute("aria-valuenow", String(at ?? 0));
    this.#canvas.setAttribute("aria-valuetext", text || "arrow keys move through time");
  }

  #textAt(at: number): string {
    const { seconds, spans } = this.#data.timeline;
    const parts = this.#spec.series.map(({ label, values, text }) => {
      const value = values[at] ?? null;
      return value === null ? null : `${label} ${text(value).replace(` ${label}`, "")}`;
    });
    const span = spans[at] ?? null;
    const refused = span === null || !this.#spec.hasMarks ? 0 : this.#data.history.throttled[span]!;
    if (refused > 0) parts.push(`${refused} × 429`);
    return [dateTime(seconds[at]! * 1_000), ...parts.filter(Boolean)].join(" · ");
  }

  #onKey(event: Event): void {
    const plot = this.#plot;
    const last = this.#data.timeline.seconds.length - 1;
    const now = plot?.cursor.idx ?? -1;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: now + 1,
      ArrowLeft: now < 0 ? last : now - 1,
      PageUp: now + 10,
      PageDown: now - 10,
      Home: 0,
      End: last,
    };
    const target = moves[(event as KeyboardEvent).key];
    if (!plot || target === undefined) return;
    event.preventDefault();
    const at = Math.min(Math.max(target, 0), last);
    plot.setCursor({ left: plot.valToPos(this.#data.timeline.seconds[at]!, "x"), top: 10 });
  }

  #fillTable(): void {
    if (!this.#table.hasAttribute("open")) return;
    const { timeline } = this.#data;
    const step = Math.max(1, Math.ceil(timeline.seconds.length / TABLE_LINES));
    const lines = along(timeline, (span) => span).flatMap((span, at) =>
      span !== null && span % step === 0 ? [at] : [],
    );
    const columns = this.#spec.series.map(({ label, values, text }) => ({
      head: label,
      isNumber: true,
      cell: (at: number) => valueText(values, at, text),
    }));
    const caption = `${this.#spec.title}${step > 1 ? `, every ${step}th moment` : ""}`;
    const moment = { head: "Time", cell: (at: number) => dateTime(timeline.seconds[at]! * 1_000) };
    show(this.#table, this.#table.querySelector("summary"), tableOf(caption, [moment, ...columns], lines));
  }
}

function labelsOf(spec: PlotSpec): string {
  return spec.series.map(({ label }) => label).join();
}

function valueText(values: Values, at: number, text: (value: number) => string): string {
  const value = values[at] ?? null;
  return value === null ? "–" : text(value);
}
