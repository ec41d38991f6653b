import type { ReportedFigures, ReportedRow } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { count, duration, orUnknown, plural, usd } from "./format.ts";
import type { RetryPanel } from "./retry.ts";
import type { RowQuery, RowSource } from "./row-source.ts";
import type { RowView } from "./row-view.ts";

const STATES = ["succeeded", "failed", "cancelled", "running", "pending"];
const SNIPPET_CHARACTERS = 240;
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
  readonly #told = el("p", { class: "told", role: "status" });
  readonly #body = el("tbody");
  readonly #more = el("button", { type: "button", hidden: true, click: () => this.#goOn() }, "Show more");
  readonly #reload = el("button", { type: "button", hidden: true, click: () => this.#restart() }, "Reload");
  #rows: ReportedRow[] = [];
  #next: number | null = 0;
  #reading: AbortController | null = null;
  #codes = "";
  /** How many rows are in which state: when the list was read, and now. */
  #listed: string | null = null;
  #current: string | null = null;

  constructor(section: HTMLElement, parts: BrowserParts) {
    this.#parts = parts;
    for (const state of STATES) this.#state.append(el("option", { value: state }, state));
    for (const field of [this.#search, this.#state, this.#code])
      field.addEventListener("input", () => this.#restart());
    show(
      section,
      section.querySelector("h2"),
      el("p", { class: "note" }, parts.source.note),
      this.#form(),
      this.#table(),
      el("p", { class: "more" }, this.#more, this.#reload),
      parts.retries?.root,
    );
    parts.retries?.onDone(() => this.#restart());
    this.#restart();
  }

  /** Offers the codes that rows failed with, and the newer rows where there are any. */
  update({ jobs, failures }: ReportedFigures): void {
    const codes = failures.map(({ code }) => code);
    if (codes.join() !== this.#codes) this.#offerCodes(codes);
    this.#current = Object.values(jobs).join();
    this.#listed ??= this.#current;
    this.#reload.hidden = this.#current === this.#listed;
  }

  /** Shows the rows that failed with a code. */
  showCode(code: string): void {
    this.#search.value = "";
    this.#state.value = "";
    this.#code.value = code;
    this.#restart();
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
      this.#body,
    );
  }

  #restart(): void {
    this.#rows = [];
    this.#next = 0;
    this.#listed = this.#current;
    this.#reload.hidden = true;
    this.#body.replaceChildren();
    this.#goOn();
  }

  async #goOn(): Promise<void> {
    this.#reading?.abort();
    const search = new AbortController();
    this.#reading = search;
    const wanted = this.#rows.length + MORE_ROWS;
    try {
      while (this.#next !== null && this.#rows.length < wanted) {
        const { rows, next } = await this.#parts.source.find(this.#query(), this.#next, search.signal);
        if (search.signal.aborted) return;
        this.#next = next;
        this.#add(rows);
      }
    } catch (error) {
      if (!search.signal.aborted) show(this.#told, `The rows can't be read: ${(error as Error).message}`);
    }
  }

  #query(): RowQuery {
    return { state: this.#state.value, code: this.#code.value, text: this.#search.value.trim() };
  }

  #add(rows: readonly ReportedRow[]): void {
    this.#rows.push(...rows);
    for (const row of rows) this.#body.append(this.#line(row));
    this.#more.hidden = this.#next === null;
    const shown = this.#rows.length;
    const end = this.#next === null ? "" : " so far";
    show(
      this.#told,
      shown === 0 && this.#next === null ? "No row fits." : `${plural(shown, "row")} shown${end}`,
    );
  }

  #line(row: ReportedRow): HTMLElement {
    const { view, retries } = this.#parts;
    const tokens =
      row.inputTokens === null ? null : `${count(row.inputTokens)} + ${orUnknown(row.outputTokens)}`;
    const open = (event: Event): void => {
      if (!(event.target as Element).closest("button, input, label")) view.open(row, this.#rows);
    };
    return el(
      "tr",
      { click: open },
      retries && el("td", { class: "choose" }, row.state === "failed" ? retries.box(row) : null),
      el("td", {}, view.opener(row, this.#rows), el("span", { class: `state ${row.state}` }, row.state)),
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
