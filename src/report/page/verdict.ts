import type { ReportedFigures } from "../report-data.ts";
import { count, dateTime, duration, plural } from "./format.ts";

/** How well a run goes or went, in a sentence. */
export interface Verdict {
  tone: "good" | "bad" | "warn" | "plain";
  text: string;
  /** What keeps calls back; null where nothing does. */
  why?: string | null;
}

export function verdictOf(figures: ReportedFigures): Verdict {
  switch (figures.state) {
    case "importing":
      return { tone: "plain", text: "Its rows are being read; the first calls follow." };
    case "running":
      return whileRunning(figures);
    case "stopped":
      return whenStopped(figures);
    case "cancelled":
      return { tone: "warn", text: `${partOf(figures.jobs.cancelled, figures.jobs.total)} cancelled.` };
    case "finished":
      return atTheEnd(figures);
  }
}

function whileRunning({ jobs, breaker, eta_seconds: eta }: ReportedFigures): Verdict {
  const held = heldBack(breaker);
  if (held) return { tone: "warn", text: "Calls are held back.", why: held };
  const left = eta === null ? "" : `, about ${duration(eta * 1_000)} left`;
  const failed = jobs.failed === 0 ? "" : `; ${partOf(jobs.failed, jobs.total)} failed`;
  return { tone: jobs.failed === 0 ? "plain" : "bad", text: `In progress${left}${failed}.` };
}

function whenStopped({ jobs, attempts, breaker }: ReportedFigures): Verdict {
  const rows = jobs.pending + jobs.running;
  const left = `${partOf(rows, jobs.total)} ${rows === 1 ? "is" : "are"} left.`;
  const why = heldBack(breaker);
  if (attempts.total === 0) return { tone: "warn", text: `Nothing was sent: ${lowered(left)}` };
  if (attempts.succeeded > 0) return { tone: "warn", text: `Stopped: ${lowered(left)}`, why };
  const calls = attempts.total === 1 ? "The only call" : `All ${plural(attempts.total, "call")}`;
  return { tone: "bad", text: `Stopped: ${lowered(calls)} failed. ${left}`, why };
}

/** What is said where no row has failed for good, which isn't always good news. */
export function withoutFailures({ attempts, jobs }: ReportedFigures): Pick<Verdict, "tone" | "text"> {
  if (attempts.total === 0 && jobs.succeeded === 0) return { tone: "plain", text: "Nothing was sent." };
  if (attempts.retried === 0) return { tone: "good", text: "No row has failed." };
  const calls = plural(attempts.retried, "call");
  return {
    tone: "plain",
    text: `No row has failed for good; ${calls} failed, and their rows were put back.`,
  };
}

/** The breaker, where none lets calls through; null else. */
function heldBack(breakers: ReportedFigures["breaker"]): string | null {
  const [first] = breakers;
  if (!first || breakers.some(({ state }) => state !== "open" && state !== "blocked")) return null;
  const { endpoint, state, reason, retry_at: retryAt } = first;
  const others = breakers.length > 1 ? ` and ${plural(breakers.length - 1, "other")}` : "";
  const probe = retryAt === null ? [] : [`the next probe is due at ${dateTime(Date.parse(retryAt))}`];
  return [`The breaker is ${state} for ${endpoint}${others}`, reason, ...probe].filter(Boolean).join(" · ");
}

function atTheEnd({ jobs, failures }: ReportedFigures): Verdict {
  if (jobs.total === 0) return { tone: "plain", text: "There was nothing to do." };
  if (jobs.succeeded === jobs.total)
    return { tone: "good", text: `${partOf(jobs.total, jobs.total)} succeeded.` };
  const cancelled = jobs.cancelled === 0 ? "" : ` ${partOf(jobs.cancelled, jobs.total)} cancelled.`;
  if (jobs.failed === 0) return { tone: "warn", text: cancelled.trim() };
  return {
    tone: "bad",
    text: `${partOf(jobs.failed, jobs.total)} failed, ${causeOf(failures, jobs.failed)}.${cancelled}`,
  };
}

function causeOf([first]: ReportedFigures["failures"], failed: number): string {
  if (!first) return "for reasons not on record";
  return `${first.count === failed ? "" : "most often "}with ${first.code}`;
}

/** `All 5 rows`, `1 of 5 rows`. */
function partOf(part: number, total: number): string {
  if (part < total) return `${count(part)} of ${plural(total, "row")}`;
  return total === 1 ? "The only row" : `All ${plural(total, "row")}`;
}

/** Within a sentence. */
function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
