import type { ReportedFigures } from "../report-data.ts";
import { adopt, el, show, tableOf } from "./dom.ts";
import { count, percent } from "./format.ts";
import type { RetryPanel } from "./retry.ts";
import type { RowBrowser } from "./row-browser.ts";
import { withoutFailures } from "./verdict.ts";

type Failure = ReportedFigures["failures"][number];

interface ErrorListParts {
  browser: RowBrowser;
  /** Null where nothing can be retried. */
  retries: RetryPanel | null;
}

/** What rows failed with, the most frequent first. While their order stays, so do their buttons, and the focus on one. */
export class ErrorList {
  readonly #section: HTMLElement;
  readonly #parts: ErrorListParts;
  #shown = "";
  #codes = "";

  constructor(section: HTMLElement, parts: ErrorListParts) {
    this.#section = section;
    this.#parts = parts;
  }

  show(figures: ReportedFigures): void {
    const { failures, jobs } = figures;
    const none = withoutFailures(figures);
    const shown = JSON.stringify([failures, none]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const title = this.#section.querySelector("h2");
    const codes = failures.map(({ code }) => code).join();
    if (codes !== "" && codes === this.#codes) {
      adopt(title!.nextElementSibling!, this.#table(failures, jobs.failed));
      return;
    }
    this.#codes = codes;
    if (failures.length === 0) {
      show(this.#section, title, el("p", { class: `note ${none.tone}` }, none.text));
      return;
    }
    show(this.#section, title, this.#table(failures, jobs.failed));
  }

  #table(failures: readonly Failure[], failed: number): HTMLElement {
    const { browser, retries } = this.#parts;
    const code = (failure: Failure): HTMLElement =>
      el(
        "button",
        { type: "button", class: "link code", click: () => browser.showCode(failure.code) },
        ...breakable(failure.code),
      );
    return tableOf(
      "Failed rows by error code",
      [
        { head: "Code", cell: code },
        { head: "Rows", isNumber: true, cell: ({ count: rows }) => count(rows) },
        { head: "Share", cell: ({ count: rows }) => shareOf(rows / failed) },
        { head: "Example", cell: ({ example }) => exampleOf(example) },
        ...(retries ? [{ head: "Again", cell: (failure: Failure) => retries.button(failure) }] : []),
      ],
      failures,
    );
  }
}

/** A code breaks between its words, where it has to. */
function breakable(code: string): (Node | string)[] {
  return code.split(/(?<=_)/).flatMap((word, at) => (at === 0 ? [word] : [el("wbr"), word]));
}

function exampleOf(example: Failure["example"]): HTMLElement | string {
  return example ? el("span", {}, el("code", {}, example.id), ` ${example.message}`) : "–";
}

function shareOf(share: number): HTMLElement {
  const piece = el("span", { class: "share" });
  piece.style.setProperty("--share", `${share * 100}%`);
  return el("span", { class: "share-cell" }, piece, el("span", {}, percent(share)));
}
