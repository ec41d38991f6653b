import type { ReportedFigures, ReportedRow } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { plural } from "./format.ts";

type Wanted = { rows: number[] } | { code: string };

/** Chooses failed rows and puts them back to pending. */
export class RetryPanel {
  readonly root: HTMLElement;
  readonly #chosen = new Set<number>();
  readonly #told = el("p", { role: "status" });
  readonly #send = el("button", {
    type: "button",
    class: "main",
    click: () => this.#retry({ rows: [...this.#chosen] }),
  });
  readonly #dbFlag: string;
  #figures: ReportedFigures | null = null;
  #done: () => void = () => {};

  /** @param dbFlag see {@link ReportData} */
  constructor(dbFlag: string) {
    this.#dbFlag = dbFlag;
    this.root = el("div", { class: "retry" }, this.#send, this.#told);
    this.#showChosen();
  }

  update(figures: ReportedFigures): void {
    this.#figures = figures;
  }

  /** Calls back after rows were put back. */
  onDone(done: () => void): void {
    this.#done = done;
  }

  /** A box that chooses a row. */
  box({ number, id }: ReportedRow): HTMLElement {
    const input = el("input", {
      type: "checkbox",
      "aria-label": `Choose ${id}`,
      checked: this.#chosen.has(number),
      change: () => {
        if (input.checked) this.#chosen.add(number);
        else this.#chosen.delete(number);
        this.#showChosen();
      },
    });
    return el("label", {}, input);
  }

  /** Chooses a row no more, as it can't be sent again. */
  forget(number: number): void {
    if (this.#chosen.delete(number)) this.#showChosen();
  }

  /** A button that puts back all rows of a code. */
  button({ code, count }: ReportedFigures["failures"][number]): HTMLElement {
    const retry = (): Promise<void> => this.#retry({ code });
    return el(
      "button",
      { type: "button", click: retry, "aria-label": `Retry all ${plural(count, "row")} with ${code}` },
      "Retry all",
    );
  }

  #showChosen(): void {
    show(this.#send, `Retry ${plural(this.#chosen.size, "chosen row")}`);
    this.#send.toggleAttribute("disabled", this.#chosen.size === 0);
    this.root.classList.toggle("idle", this.#chosen.size === 0 && this.#told.textContent === "");
  }

  async #retry(wanted: Wanted): Promise<void> {
    try {
      const { retried } = await post("retry", wanted);
      show(this.#told, ...this.#outcome(retried));
      this.#chosen.clear();
      this.#done();
    } catch (error) {
      show(this.#told, `Nothing was put back: ${(error as Error).message}`);
    }
    this.#showChosen();
  }

  #outcome(retried: number): (Node | string)[] {
    if (retried === 0) return ["None of these rows can be sent again."];
    const told = `${plural(retried, "row is", "rows are")} pending again. `;
    if (this.#figures?.state === "running") return [told, "The process at work sends them."];
    const resume = `llm-batch resume ${this.#figures?.run ?? ""}${this.#dbFlag}`;
    return [told, "Send them with ", el("code", {}, resume)];
  }
}

async function post(path: string, body: Wanted): Promise<{ retried: number }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { retried: number; error?: string };
  if (!response.ok) throw new Error(answer.error ?? `llm-batch ui answered ${response.status}`);
  return answer;
}
