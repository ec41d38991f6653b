import type { ListedRun, ReportData, RunList } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { count, dateTime, plural } from "./format.ts";
import { getRuns } from "./row-source.ts";

/** The list is read anew with every so many beats. */
const BEATS = 5;
/** A path is told by its end. */
const NAME_CHARACTERS = 40;
/** Keeps a name that is written from right to left to itself. */
const ISOLATE = "\u2068";
const ISOLATE_END = "\u2069";

/**
 * Goes to another run of the database. Choosing alone goes nowhere: by the keyboard one passes over runs on the way to
 * another.
 */
export class RunSwitch {
  readonly root: HTMLElement;
  readonly #shown: string;
  readonly #dbFlag: string;
  readonly #select = el("select", { id: "run", autocomplete: "off", change: () => this.#offer() });
  readonly #open = el(
    "button",
    { type: "button", disabled: true, click: () => location.assign(`../${this.#select.value}/`) },
    "Open run",
  );
  #beats = 0;
  #listed = "";

  /** @param data of the run whose page this is */
  constructor(data: ReportData) {
    const shown = data.figures.run;
    this.#shown = shown;
    this.#dbFlag = data.dbFlag;
    this.root = el(
      "nav",
      { class: "runs", "aria-label": "Runs" },
      el("label", { for: "run" }, el("span", {}, "Run"), this.#select),
      this.#open,
    );
    show(this.#select, el("option", { value: shown }, shown));
    this.#read();
  }

  /** Nothing moves while somebody chooses. */
  beat(): void {
    this.#beats += 1;
    if (this.#beats % BEATS === 0 && document.activeElement !== this.#select) this.#read();
  }

  async #read(): Promise<void> {
    const list = await getRuns(this.#shown).catch(() => null);
    const listed = JSON.stringify(list);
    const isChoosing = this.#listed !== "" && document.activeElement === this.#select;
    if (list === null || listed === this.#listed || isChoosing) return;
    this.#listed = listed;
    this.#list(list);
  }

  #list({ runs, left }: RunList): void {
    const chosen = this.#select.value;
    const isListed = (id: string): boolean => runs.some(({ run }) => run === id);
    show(
      this.#select,
      !isListed(this.#shown) && el("option", { value: this.#shown }, `${this.#shown} · deleted`),
      ...runs.map((run) => el("option", { value: run.run }, nameOf(run))),
      left > 0 &&
        el("option", { disabled: true }, `${plural(left, "older run")}: llm-batch runs${this.#dbFlag}`),
    );
    this.#select.value = isListed(chosen) ? chosen : this.#shown;
    this.#offer();
  }

  #offer(): void {
    this.#open.disabled = this.#select.value === this.#shown;
  }
}

function nameOf({ run, state, input, createdAt, jobs }: ListedRun): string {
  const name = input.length > NAME_CHARACTERS ? `…${input.slice(-NAME_CHARACTERS)}` : input;
  const done = jobs.total - jobs.pending - jobs.running;
  const failed = jobs.failed > 0 ? `, ${count(jobs.failed)} failed` : "";
  const told = `${state}, ${count(done)} of ${count(jobs.total)} done${failed}`;
  return [`${ISOLATE}${name}${ISOLATE_END}`, told, dateTime(createdAt), run].join(" · ");
}
