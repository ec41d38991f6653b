import type { ReportedFigures, ReportedHistory } from "../report-data.ts";
import { byId, el } from "./dom.ts";

interface Follower {
  update: (figures: ReportedFigures, history: ReportedHistory | null) => void;
  /** Called every two seconds while the page is looked at. */
  beat: () => void;
}

/**
 * Follows the run through `llm-batch ui`; says when that has ended. A browser has six connections to a server, so a page keeps
 * one only while it is looked at; else it asks from time to time, for its title.
 */
export function followRun(follower: Follower): void {
  const lost = el("p", { class: "note lost", role: "status", hidden: true });
  byId("footer").before(lost);
  let events: EventSource | null = null;
  const follow = (): void => {
    events?.close();
    events = new EventSource(document.hidden ? "events?unseen" : "events");
    listen(events, follower, lost);
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}

function listen(events: EventSource, { update, beat }: Follower, lost: HTMLElement): void {
  events.addEventListener("state", (event) => {
    lost.hidden = true;
    const { figures, history } = JSON.parse(event.data) as {
      figures: ReportedFigures;
      history: ReportedHistory | null;
    };
    update(figures, history);
  });
  events.addEventListener("beat", () => {
    if (!document.hidden) beat();
  });
  events.addEventListener("trouble", (event) => {
    lost.hidden = false;
    lost.textContent = `The run can't be read: ${JSON.parse(event.data)}`;
  });
  events.addEventListener("error", () => {
    // The end of each answer is an error.
    if (document.hidden) return;
    lost.hidden = false;
    lost.textContent =
      "llm-batch ui has ended or can't be reached; what is shown stands still. Started again, it prints a new address.";
  });
}
