import type { ReportData, ReportedFigures, ReportedHistory } from "../report-data.ts";
import { byId, el, show } from "./dom.ts";
import { ErrorList } from "./error-list.ts";
import { showExtremes } from "./extremes.ts";
import { showFigures } from "./figures.ts";
import { dateTime, zone } from "./format.ts";
import { showHeader } from "./header.ts";
import { followRun } from "./live.ts";
import { onPlace, type Place, readPlace } from "./place.ts";
import { Plots } from "./plots.ts";
import { RetryPanel } from "./retry.ts";
import { RowBrowser } from "./row-browser.ts";
import { EmbeddedRows, getExtremes, type RowSource, ServedRows } from "./row-source.ts";
import { RowView } from "./row-view.ts";
import { RunSwitch } from "./run-switch.ts";
import { verdictOf } from "./verdict.ts";

const data = JSON.parse(byId("data").textContent ?? "") as ReportData;
const source: RowSource = data.isLive ? new ServedRows() : new EmbeddedRows(data);
const view = new RowView(byId("row-view"), source, data);
const retries = data.isLive ? new RetryPanel(data.dbFlag) : null;
const browser = new RowBrowser(byId("rows"), { source, view, retries });
const errors = new ErrorList(byId("errors"), { browser, retries });
const plots = new Plots(byId("plots"));

function update(figures: ReportedFigures, history: ReportedHistory | null): void {
  showHeader(byId("header"), figures, data.isLive);
  showFigures(byId("figures"), figures, history);
  errors.show(figures);
  plots.show(history, figures);
  retries?.update(figures);
  browser.update(figures);
  updateExtremes(figures.state);
  sayState(figures);
}

/** For screen readers: what the run has come to, each time it begins, stops or ends. */
const said = el("p", { class: "unseen", role: "status" });
let saidState = "";

function sayState(figures: ReportedFigures): void {
  if (saidState !== "" && figures.state !== saidState)
    show(said, `${figures.state}: ${verdictOf(figures).text}`);
  saidState = figures.state;
}

let extremesState = "";

/** To find these rows takes a look at every row: on the live page it is taken whenever the run begins, stops or ends. */
async function updateExtremes(state: ReportedFigures["state"]): Promise<void> {
  if (state === extremesState) return;
  extremesState = state;
  const found = data.isLive ? await getExtremes().catch(() => null) : data;
  if (found === null) extremesState = "";
  else keepingRows(() => showExtremes(byId("extremes"), found, view));
}

/** Keeps the place of a reader who is at the rows, whatever grows above them. */
function keepingRows(change: () => void): void {
  const { top } = byId("rows").getBoundingClientRect();
  change();
  if (top < innerHeight / 2) scrollBy(0, byId("rows").getBoundingClientRect().top - top);
}

function follow(place: Place): void {
  browser.follow(place);
  view.follow(place.row);
}

update(data.figures, data.history);
follow(readPlace());
onPlace(follow);
show(
  byId("footer"),
  el(
    "p",
    {},
    `llm-batch ${data.version}, ${data.isLive ? "opened" : "made"} ${dateTime(data.madeAt)} ${zone(data.madeAt)}. `,
  ),
  el(
    "p",
    {},
    "Latency is the call alone; wait is from a free slot to the sending. Percentiles are at most 2.3 % off.",
  ),
);
if (data.isLive) {
  const runs = new RunSwitch(data);
  byId("header").before(runs.root);
  byId("header").after(said);
  const beat = (): void => {
    runs.beat();
    browser.beat();
  };
  followRun({ update: (...state) => keepingRows(() => update(...state)), beat });
}
