import type { ReportedRow } from "../report-data.ts";
import { adopt, el } from "./dom.ts";
import { count, duration, orUnknown, usd } from "./format.ts";
import type { RetryPanel } from "./retry.ts";
import type { RowPage } from "./row-pages.ts";
import type { RowView } from "./row-view.ts";

const SNIPPET_CHARACTERS = 240;

interface LineParts {
  /** Those to be shown, which change. */
  rows: readonly ReportedRow[];
  view: RowView;
  /** Null where nothing can be retried. */
  retries: RetryPanel | null;
}

/** A row's line, and the row as it tells it. */
interface Line {
  element: HTMLTableRowElement;
  told: string;
}

/** The lines of the table. A row keeps its line, and with it the focus and its place in the window, while it changes. */
export class RowLines {
  readonly body = el("tbody");
  readonly #parts: LineParts;
  readonly #lines = new Map<number, Line>();

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  clear(): void {
    this.#lines.clear();
    this.body.replaceChildren();
  }

  /** Shows the rows as they are now. Those that are gone no longer fit, so that they aren't chosen any more either. */
  show(): void {
    const hold = this.#hold();
    const shown = new Set(this.#parts.rows.map(({ number }) => number));
    for (const [number, { element }] of this.#lines) {
      if (shown.has(number)) continue;
      element.remove();
      this.#lines.delete(number);
      this.#parts.retries?.forget(number);
    }
    let place = this.body.firstElementChild;
    for (const row of this.#parts.rows) {
      const line = this.#lineOf(row);
      if (line === place) place = place.nextElementSibling;
      else this.body.insertBefore(line, place);
    }
    hold();
  }

  /** Whether a stretch of the run stands in the window. */
  isInView({ after, until }: RowPage): boolean {
    const { rows } = this.#parts;
    const all = this.body.getBoundingClientRect();
    const first = rows.find(({ number }) => number > after);
    const last = rows.findLast(({ number }) => until === null || number <= until);
    const top = first ? this.#boxOf(first).top : all.bottom;
    const bottom = last ? this.#boxOf(last).bottom : all.top;
    return top <= innerHeight && bottom >= 0;
  }

  #boxOf({ number }: ReportedRow): DOMRect {
    return this.#lines.get(number)!.element.getBoundingClientRect();
  }

  /**
   * What the reader is at stays where it is: the line in focus, the one under the pointer, or the first one where the head of
   * the table has been scrolled away.
   * @returns puts it there again
   */
  #hold(): () => void {
    const lines = [...this.body.rows];
    const focused = document.activeElement;
    const focusedAt = lines.findIndex((line) => line.contains(focused));
    const looked = [lines[focusedAt], this.body.querySelector("tr:hover")];
    if (this.body.getBoundingClientRect().top < 0) looked.push(...lines);
    const places = looked.flatMap((line) => {
      const { top, bottom } = line?.getBoundingClientRect() ?? { top: 0, bottom: -1 };
      return line && top <= innerHeight && bottom >= 0 ? [{ line, top }] : [];
    });
    return () => {
      if (focusedAt >= 0 && !focused!.isConnected) {
        const line = lines[focusedAt]!.isConnected ? lines[focusedAt] : this.body.rows[focusedAt];
        (line ?? [...this.body.rows].at(-1))?.querySelector("button")?.focus({ preventScroll: true });
      }
      const kept = places.find(({ line }) => line.isConnected);
      if (kept) scrollBy(0, kept.line.getBoundingClientRect().top - kept.top);
    };
  }

  #lineOf(row: ReportedRow): HTMLTableRowElement {
    const told = JSON.stringify(row);
    const known = this.#lines.get(row.number);
    if (known?.told === told) return known.element;
    const element = this.#newLine(row);
    if (known === undefined) {
      this.#lines.set(row.number, { element, told });
      return element;
    }
    if (row.state !== "failed") this.#parts.retries?.forget(row.number);
    adopt(known.element, element);
    known.told = told;
    return known.element;
  }

  #newLine(row: ReportedRow): HTMLTableRowElement {
    const { rows, view, retries } = this.#parts;
    const tokens =
      row.inputTokens === null ? null : `${count(row.inputTokens)} + ${orUnknown(row.outputTokens)}`;
    const open = (event: Event): void => {
      if (!(event.target as Element).closest("button, input, label")) view.open(row, rows);
    };
    return el(
      "tr",
      { click: open },
      retries && el("td", { class: "choose" }, row.state === "failed" ? retries.box(row) : null),
      el("td", {}, view.opener(row, rows), el("span", { class: `state ${row.state}` }, row.state)),
      el("td", {}, el("div", { class: "said" }, el("p", {}, snippet(row.prompt.text)), outcomeOf(row))),
      el("td", { class: "number" }, count(row.attempts)),
      el("td", { class: "number" }, tokens ?? "–"),
      el("td", { class: "number" }, duration(row.latencyMs)),
      el("td", { class: "number" }, usd(row.costUsd)),
    );
  }
}

function outcomeOf({ answer, error }: ReportedRow): HTMLElement {
  if (error) return el("p", { class: "problem" }, el("code", {}, error.code), ` ${snippet(error.message)}`);
  return el("p", { class: "answer" }, answer === null ? "–" : snippet(answer.text));
}

function snippet(text: string): string {
  return text.length > SNIPPET_CHARACTERS ? `${text.slice(0, SNIPPET_CHARACTERS)}…` : text;
}
