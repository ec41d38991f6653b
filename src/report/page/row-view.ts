import { withArgument } from "../../domain/shell-word.ts";
import type { ReportData, ReportedAttempt, ReportedRow, ReportedText } from "../report-data.ts";
import { el, show, tableOf } from "./dom.ts";
import { count, dateTime, duration, orUnknown, usd, zone } from "./format.ts";
import { goTo, leaveRow, retell } from "./place.ts";
import type { RowSource } from "./row-source.ts";

/** One row with all there is to see, over the page. */
export class RowView {
  readonly #dialog: HTMLDialogElement;
  readonly #source: RowSource;
  readonly #showCommand: (id: string) => string;
  #rows: readonly ReportedRow[] = [];
  #row: ReportedRow | null = null;

  constructor(dialog: HTMLElement, source: RowSource, { figures, dbFlag }: ReportData) {
    this.#dialog = dialog as HTMLDialogElement;
    this.#source = source;
    this.#showCommand = (id) => withArgument(`llm-batch show ${figures.run}`, id, dbFlag);
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) this.#dialog.close();
    });
    dialog.addEventListener("close", leaveRow);
    dialog.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** A button with the row's id that opens it. @param rows those among which the view goes back and forth */
  opener(row: ReportedRow, rows: readonly ReportedRow[]): HTMLElement {
    return el("button", { type: "button", class: "link", click: () => this.open(row, rows) }, row.id);
  }

  /** Shows the row that the page's address names; null for none. */
  async follow(number: number | null): Promise<void> {
    if (number === null) this.#dialog.close();
    else if (number !== this.#row?.number || !this.isOpen) {
      const row = await this.#source.whole({ number }).catch(() => null);
      if (row) await this.#enter(row, [row]);
    }
  }

  async open(row: ReportedRow, rows: readonly ReportedRow[]): Promise<void> {
    const tell = this.isOpen ? retell : goTo;
    tell({ row: row.number });
    await this.#enter(row, rows);
  }

  async #enter(row: ReportedRow, rows: readonly ReportedRow[]): Promise<void> {
    this.#rows = rows;
    this.#row = row;
    this.#show(row);
    if (!this.isOpen) this.#dialog.showModal();
    if (row.history !== null) return;
    try {
      const whole = await this.#source.whole(row);
      if (this.#row === row) this.#show(whole);
    } catch (error) {
      this.#dialog.append(
        el("p", { class: "note" }, `The attempts can't be read: ${(error as Error).message}`),
      );
    }
  }

  #show(row: ReportedRow): void {
    const focused = this.#dialog.contains(document.activeElement) && document.activeElement?.textContent;
    show(
      this.#dialog,
      this.#head(row),
      el(
        "div",
        { class: "row-body" },
        el("h3", {}, "Prompt"),
        this.#text(row.prompt, row),
        row.answer && el("h3", {}, "Answer"),
        row.answer && this.#text(row.answer, row),
        row.error && el("h3", {}, "Error"),
        row.error && el("p", { class: "problem" }, el("code", {}, row.error.code), ` ${row.error.message}`),
        factsOf(row),
        row.history && row.history.length > 0 && attemptsOf(row.history),
        row.input &&
          el("details", {}, el("summary", {}, "The row as it was read"), this.#text(row.input, row)),
      ),
    );
    if (focused) this.#focus(focused);
  }

  /** The button of this text, or the view itself: without the focus no key would get here. */
  #focus(text: string): void {
    const buttons = [...this.#dialog.querySelectorAll<HTMLButtonElement>("button:enabled")];
    (buttons.find(({ textContent }) => textContent === text) ?? this.#dialog).focus();
  }

  #head({ id, state }: ReportedRow): HTMLElement {
    const at = this.#place();
    const step = (text: string, by: number) =>
      el(
        "button",
        { type: "button", disabled: this.#rows[at + by] === undefined, click: () => this.#step(by) },
        text,
      );
    return el(
      "div",
      { class: "row-head" },
      el("h2", { id: "row-view-title" }, id),
      el("span", { class: `state ${state}` }, state),
      el(
        "span",
        { class: "steps" },
        step("Previous", -1),
        step("Next", 1),
        el("button", { type: "button", click: () => this.#dialog.close() }, "Close"),
      ),
    );
  }

  #place(): number {
    return this.#rows.findIndex((row) => row.number === this.#row?.number);
  }

  #step(by: number): void {
    const row = this.#rows[this.#place() + by];
    if (row) this.open(row, this.#rows);
  }

  #text({ text, left }: ReportedText, { id }: ReportedRow): HTMLElement {
    const rest =
      left > 0 &&
      el("span", { class: "rest" }, `\n… ${count(left)} more characters: ${this.#showCommand(id)}`);
    return el("pre", { tabindex: 0 }, text, rest);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "ArrowLeft") this.#step(-1);
    if (event.key === "ArrowRight") this.#step(1);
  }
}

function factsOf(row: ReportedRow): HTMLElement {
  const cached = row.cachedInputTokens ? ` (${count(row.cachedInputTokens)} cached)` : "";
  const facts: [string, string | null][] = [
    ["Model", row.model],
    ["Provider", row.provider],
    ["Finish reason", row.finishReason],
    ["Tokens in", row.inputTokens === null ? null : `${count(row.inputTokens)}${cached}`],
    ["Tokens out", row.outputTokens === null ? null : orUnknown(row.outputTokens)],
    ["Latency", row.latencyMs === null ? null : duration(row.latencyMs)],
    ["Cost", row.costUsd === null ? null : usd(row.costUsd)],
    ["Attempts", count(row.attempts)],
    ["Answer taken over from", row.answeredBy],
  ];
  const known = facts.filter(([, value]) => value !== null);
  return el(
    "dl",
    { class: "facts" },
    ...known.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function attemptsOf(attempts: readonly ReportedAttempt[]): HTMLElement {
  return tableOf(
    "Attempts",
    [
      { head: "#", isNumber: true, cell: ({ attempt }) => count(attempt) },
      { head: sentHead(attempts), cell: ({ sentAt }) => (sentAt === null ? "–" : dateTime(sentAt)) },
      { head: "End", cell: ({ kind }) => kind },
      {
        head: "Status",
        isNumber: true,
        cell: ({ httpStatus }) => (httpStatus === null ? "–" : String(httpStatus)),
      },
      { head: "Latency", isNumber: true, cell: ({ latencyMs }) => duration(latencyMs) },
      { head: "What was said", cell: (attempt) => saidBy(attempt) },
    ],
    attempts,
  );
}

function sentHead(attempts: readonly ReportedAttempt[]): string {
  const sentAt = attempts.find((attempt) => attempt.sentAt !== null)?.sentAt;
  return typeof sentAt === "number" ? `Sent (${zone(sentAt)})` : "Sent";
}

function saidBy({ code, message, requestId, retryAfterMs }: ReportedAttempt): string {
  const wait = retryAfterMs === null ? null : `asked to wait ${duration(retryAfterMs)}`;
  return [code, message, wait, requestId].filter(Boolean).join(" · ") || "–";
}
