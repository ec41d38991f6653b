import type { ReportedFigures, ReportedHistory } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { zone } from "./format.ts";
import { onPaletteChange } from "./palette.ts";
import { Plot } from "./plot.ts";
import type { PlotData } from "./plot-spec.ts";
import { plotSpecs } from "./plot-specs.ts";
import { timelineOf } from "./timeline.ts";

/** All plots of a run, on one timeline: the cursor of one moves those of all. */
export class Plots {
  readonly #section: HTMLElement;
  #plots: Plot[] = [];

  constructor(section: HTMLElement) {
    this.#section = section;
    onPaletteChange(() => {
      for (const plot of this.#plots) plot.draw();
    });
  }

  show(history: ReportedHistory | null, figures: ReportedFigures): void {
    if (!history || history.at.length === 0) {
      this.#showNone(figures);
      return;
    }
    const timeline = timelineOf(history);
    const data: PlotData = { history, timeline, nowMs: timeline.seconds.at(-1)! * 1_000 };
    const specs = plotSpecs(history, timeline);
    if (this.#plots.length === specs.length) {
      specs.forEach((spec, at) => {
        this.#plots[at]!.update(spec, data);
      });
      return;
    }
    const showAll = (): void => {
      for (const plot of this.#plots) plot.showAll();
    };
    this.#plots = specs.map((spec) => new Plot(spec, data, showAll));
    const head = this.#section.querySelector("h2")!;
    show(head, "Over time ", el("small", {}, `in ${zone(history.at[0]!)}`));
    show(this.#section, head, el("div", { class: "plots" }, ...this.#plots.map(({ root }) => root)));
    for (const plot of this.#plots) plot.draw();
  }

  #showNone({ attempts, state }: ReportedFigures): void {
    const why =
      attempts.total > 0
        ? "This run was made before histories were kept, so there is nothing to plot. Its figures and rows are all here."
        : state === "running"
          ? "The first calls are out; plots begin with the first second of results."
          : "No call has been made yet, so there is nothing to plot.";
    show(this.#section, this.#section.querySelector("h2"), el("p", { class: "note" }, why));
  }
}
