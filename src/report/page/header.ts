import type { ReportedFigures } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { count, dateTime } from "./format.ts";

const PARTS = ["succeeded", "failed", "cancelled", "running", "pending"] as const;
const LEFT_TOLD_AS: Readonly<Record<string, string>> = { running: "in hand", pending: "to do" };

/** What run this is, and how far it has come. */
export function showHeader(header: HTMLElement, figures: ReportedFigures, isLive: boolean): void {
  document.title = `${figures.input} · ${figures.state} · llm-batch`;
  show(
    header,
    el(
      "div",
      { class: "title" },
      el("h1", {}, figures.input),
      el(
        "p",
        { class: `state ${figures.state}` },
        isLive && figures.state === "running" ? "running, live" : figures.state,
      ),
    ),
    el("p", { class: "meta" }, ...metaOf(figures).map((part) => el("span", {}, part))),
    progressOf(figures),
  );
}

function metaOf({ run, targets, createdAt, finishedAt }: ReportedFigures): string[] {
  const finished = finishedAt === null ? [] : [`finished ${dateTime(finishedAt)}`];
  return [run, ...targets, `started ${dateTime(createdAt)}`, ...finished];
}

function progressOf({ jobs }: ReportedFigures): HTMLElement {
  const parts = PARTS.filter((part) => jobs[part] > 0);
  const told = parts.map((part) => `${count(jobs[part])} ${LEFT_TOLD_AS[part] ?? part}`);
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  for (const part of parts) {
    const piece = el("span", { class: part });
    piece.style.flexGrow = String(jobs[part] / jobs.total);
    bar.append(piece);
  }
  const legend = parts.map((part, at) => el("span", { class: `key ${part}` }, told[at]));
  if (jobs.total === 0) legend.push(el("span", {}, "This run has no rows."));
  return el("div", { class: "progress" }, bar, el("p", { class: "legend" }, ...legend));
}
