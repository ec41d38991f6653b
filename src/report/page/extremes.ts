import type { ReportData, ReportedRow } from "../report-data.ts";
import { el, show, tableOf } from "./dom.ts";
import { duration, orUnknown, usd } from "./format.ts";
import type { RowView } from "./row-view.ts";

const PROMPT_CHARACTERS = 80;

type Extremes = Pick<ReportData, "slowest" | "dearest">;

/** The rows that took the longest, and those that cost most. */
export function showExtremes(section: HTMLElement, { slowest, dearest }: Extremes, view: RowView): void {
  section.hidden = slowest.length === 0 && dearest.length === 0;
  const list = (
    caption: string,
    rows: readonly ReportedRow[],
    what: string,
    value: (row: ReportedRow) => string,
  ) =>
    rows.length === 0
      ? null
      : tableOf(
          caption,
          [
            { head: "Row", cell: (row: ReportedRow) => view.opener(row, rows) },
            {
              head: "Prompt",
              cell: ({ prompt }) => el("span", { class: "clip" }, prompt.text.slice(0, PROMPT_CHARACTERS)),
            },
            { head: "Tokens out", isNumber: true, cell: ({ outputTokens }) => orUnknown(outputTokens) },
            { head: what, isNumber: true, cell: value },
          ],
          rows,
        );
  show(
    section,
    section.querySelector("h2"),
    el(
      "div",
      { class: "pair" },
      list("Slowest answers", slowest, "Latency", ({ latencyMs }) => duration(latencyMs)),
      list("Dearest answers", dearest, "Cost", ({ costUsd }) => usd(costUsd)),
    ),
  );
}
