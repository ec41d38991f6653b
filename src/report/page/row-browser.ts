import type { ReportedFigures } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { plural } from "./format.ts";
import { goTo, retell } from "./place.ts";
import type { RetryPanel } from "./retry.ts";
import { RowLines } from "./row-lines.ts";
import { RowPages } from "./row-pages.ts";
import type { RowQuery, RowSource } from "./row-source.ts";
import type { RowView } from "./row-view.ts";

const STATES = ["succeeded", "failed", "cancelled", "running", "pending"];
/** What a click on "more" brings at least, unless all is shown. */
const MORE_ROWS = 50;

interface BrowserParts {
  source: RowSource;
  view: RowView;
  /** Null where nothing can be retried. */
  retries: RetryPanel | null;
}

/** The table of rows, with what narrows it down. */
export class RowBrowser {
  readonly #parts: BrowserParts;
  readonly #search = el("input", { type: "search", id: "row-search", placeholder: "id, prompt or answer" });
  readonly #state = el("select", { id: "row-state" }, el("option", { value: "" }, "any state"));
  readonly #code = el("select", { id: "row-code" }, el("option", { value: "" }, "any error"));
  readonly #told = el("p", { class: "told" });
  /** The same for screen readers, only where it was asked for: what comes by itself isn't read out. */
  readonly #said = el("p", { class: "unseen", role: "status" });
  readonly #more = el("button", { type: "button", hidden: true, click: () => this.#goOn() }, "Show more");
  readonly #pages = new RowPages();
  readonly #lines: RowLines;
  #reading: AbortController | null = null;
  #codes = "";
  #counts = "";
  /** How often the counts of the run have moved. */
  #moves = 0;

  constructor(section: HTMLElement, parts: BrowserParts) {
    this.#parts = parts;
    this.#lines = new RowLines({ ...parts, rows: this.#pages.rows });
    for (const state of STATES) this.#state.append(el("option", { value: state }, state));
    for (const field of [this.#search, this.#state, this.#code])
      field.addEventListener("input", () => {
        retell(this.#query());
        this.#restart();
      });
    show(
      section,
      section.querySelector("h2"),
      el("p", { class: "note" }, parts.source.note),
      this.#form(),
      this.#said,
      this.#table(),
      el("p", { class: "more" }, this.#more),
      parts.retries?.root,
    );
    parts.retries?.onDone(() => this.#restart());
    this.#restart();
  }

  /** Offers the codes that rows failed with, and notes whether the run has moved. */
  update({ jobs, attempts, failures }: ReportedFigures): void {
    const codes = failures.map(({ code }) => code);
    if (codes.join() !== this.#codes) this.#offerCodes(codes);
    const counts = [...Object.values(jobs), attempts.total].join();
    if (this.#counts !== "" && counts !== this.#counts) this.#moves += 1;
    this.#counts = counts;
  }

  /**
   * Reads one page in view anew where the run has moved on from it, unless somebody is at a row: one short read a beat,
   * whatever the size of the run and of the list.
   */
  async beat(): Promise<void> {
    if (this.#reading !== null || this.#parts.view.isOpen || isSelecting(this.#lines.body)) return;
    const page = this.#pages.oldest(this.#moves, (page) => this.#lines.isInView(page));
    if (page) await this.#alone((signal) => this.#read(page.after, signal));
  }

  /** Narrows the rows down as the page's address says. */
  follow({ state, code, text }: RowQuery): void {
    const before = JSON.stringify(this.#query());
    this.#search.value = text;
    this.#state.value = STATES.includes(state) ? state : "";
    this.#code.value = code;
    if (this.#code.value !== code) this.#code.value = "";
    if (JSON.stringify(this.#query()) !== before) this.#restart();
  }

  /** Shows the rows that failed with a code. */
  showCode(code: string): void {
    const query = { state: "", code, text: "" };
    goTo(query);
    this.follow(query);
    this.#code.scrollIntoView({ block: "center" });
    this.#code.focus({ preventScroll: true });
  }

  #offerCodes(codes: readonly string[]): void {
    this.#codes = codes.join();
    const chosen = this.#code.value;
    show(
      this.#code,
      el("option", { value: "" }, "any error"),
      ...codes.map((code) => el("option", { value: code }, code)),
    );
    this.#code.value = codes.includes(chosen) ? chosen : "";
    this.#code.parentElement!.hidden = codes.length === 0;
  }

  #form(): HTMLElement {
    const field = (text: string, input: HTMLElement) =>
      el("label", { for: input.id }, el("span", {}, text), input);
    const fields = [field("Search", this.#search), field("State", this.#state), field("Error", this.#code)];
    return el("form", { role: "search", submit: (event) => event.preventDefault() }, ...fields, this.#told);
  }

  #table(): HTMLElement {
    const heads = ["Row", "Prompt and answer", "Attempts", "Tokens", "Latency", "Cost"];
    const cells = heads.map((head, at) => el("th", { scope: "col", class: at > 1 ? "number" : null }, head));
    if (this.#parts.retries)
      cells.unshift(el("th", { scope: "col", class: "choose" }, el("span", { class: "unseen" }, "Choose")));
    return el(
      "table",
      { class: "rows" },
      el("caption", { class: "unseen" }, "Rows of the run"),
      el("thead", {}, el("tr", {}, ...cells)),
      this.#lines.body,
    );
  }

  #restart(): void {
    this.#pages.clear();
    this.#lines.clear();
    this.#goOn();
  }

  async #goOn(): Promise<void> {
    const wanted = this.#pages.rows.length + MORE_ROWS;
    await this.#alone(async (signal) => {
      while (this.#pages.next !== null && this.#pages.rows.length < wanted)
        await this.#read(this.#pages.next, signal);
    });
    if (this.#reading === null) show(this.#said, this.#told.textContent);
  }

  /** One reading at a time: the newer one breaks off the older. */
  async #alone(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    try {
      await work(reading.signal);
    } catch (error) {
      if (!reading.signal.aborted) show(this.#told, `The rows can't be read: ${(error as Error).message}`);
    }
    if (this.#reading === reading) this.#reading = null;
  }

  async #read(after: number, signal: AbortSignal): Promise<void> {
    const readAt = this.#moves;
    const { rows, next } = await this.#parts.source.find(this.#query(), after, signal);
    signal.throwIfAborted();
    this.#pages.put({ after, until: next, rows, readAt });
    this.#lines.show();
    this.#tell();
  }

  #query(): RowQuery {
    return { state: this.#state.value, code: this.#code.value, text: this.#search.value.trim() };
  }

  #tell(): void {
    const isAll = this.#pages.next === null;
    const shown = this.#pages.rows.length;
    this.#more.hidden = isAll;
    show(
      this.#told,
      shown === 0 && isAll ? "No row fits." : `${plural(shown, "row")} shown${isAll ? "" : " so far"}`,
    );
  }
}

/** Whether text of an element is being marked, to be copied for instance. */
function isSelecting(element: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}
