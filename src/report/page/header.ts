import type { ReportedFigures, ReportedStep } from "../report-data.ts";
import { adopt, el } from "./dom.ts";
import { count, dateTime, zone } from "./format.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

const PARTS = ["succeeded", "failed", "cancelled", "running", "pending"] as const;
const LEFT_TOLD_AS: Readonly<Record<string, string>> = { running: "in hand", pending: "to do" };

/** What run this is, and how far it has come. */
export function showHeader(header: HTMLElement, figures: ReportedFigures, isLive: boolean): void {
  const { input, state, jobs } = figures;
  const failed = jobs.failed === 0 ? "" : `, ${count(jobs.failed)} failed`;
  document.title = `${input} · ${state}${failed} · llm-batch`;
  const told = isLive && state === "running" ? "running, live" : state;
  const verdict = verdictOf(figures);
  const fresh = el(
    "header",
    { id: header.id },
    el(
      "div",
      { class: "title" },
      el("h1", {}, input),
      el("p", { class: `state ${state} ${verdict.tone}` }, told),
    ),
    el("p", { class: "meta" }, ...metaOf(figures).map((part) => el("span", {}, part))),
    ...verdictParts(verdict, [...stopNotes(figures), ...whyNotes(verdict), ...figures.steps]),
    progressOf(figures),
  );
  adopt(header, fresh);
}

/** Why it stopped. While others go on, or where several stopped, it is told of how many. */
function stopNotes({ state, stops }: ReportedFigures): ReportedStep[] {
  const isWhole = state === "stopped" && stops.length === 1 && stops[0]?.processes === 1;
  return stops.map(({ message, at, processes }) => {
    const who = processes === 1 ? "one process" : `${count(processes)} processes`;
    const beginning = isWhole ? "why" : `${who} stopped`;
    return { what: `${beginning}: ${message} · ${dateTime(at)} ${zone(at)}`, command: null };
  });
}

function whyNotes({ why }: Verdict): ReportedStep[] {
  return why ? [{ what: why, command: null }] : [];
}

/** The sentence, and below it what explains it, and what can be done now with the commands that do it. */
function verdictParts({ tone, text }: Verdict, steps: readonly ReportedStep[]): (HTMLElement | null)[] {
  return [
    el("p", { class: `verdict ${tone}` }, text),
    steps.length === 0 ? null : el("ul", { class: "advice" }, ...steps.map(stepItem)),
  ];
}

function stepItem({ what, command }: ReportedStep): HTMLElement {
  const said = what.split("`").map((part, at) => (at % 2 === 1 ? el("code", {}, part) : part));
  return el("li", {}, el("span", {}, ...said), command === null ? null : el("code", {}, command));
}

function metaOf({ run, targets, createdAt, finishedAt }: ReportedFigures): string[] {
  const finished = finishedAt === null ? [] : [`finished ${dateTime(finishedAt)} ${zone(finishedAt)}`];
  return [run, ...targets, `started ${dateTime(createdAt)} ${zone(createdAt)}`, ...finished];
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
