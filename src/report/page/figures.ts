import type { ReportedFigures, ReportedHistory } from "../report-data.ts";
import { el, show } from "./dom.ts";
import { count, duration, percent, plural, short, usd } from "./format.ts";
import { quotaUse } from "./quota-use.ts";

interface Figure {
  label: string;
  value: string;
  /** What puts it into proportion. */
  aside: string;
}

/** The run in a handful of figures. */
export function showFigures(
  section: HTMLElement,
  figures: ReportedFigures,
  history: ReportedHistory | null,
): void {
  const list = el("dl", { class: "figures" });
  for (const { label, value, aside } of figuresOf(figures, history)) {
    list.append(el("div", {}, el("dt", {}, label), el("dd", {}, value, el("small", {}, aside))));
  }
  show(section, section.querySelector("h2"), list);
}

function figuresOf(figures: ReportedFigures, history: ReportedHistory | null): Figure[] {
  const { latency_ms: latency, wait_ms: wait } = figures;
  return [
    done(figures),
    throughput(figures, history),
    refused(figures),
    {
      label: "Latency",
      value: duration(latency.p50),
      aside: `p95 ${duration(latency.p95)} · p99 ${duration(latency.p99)}`,
    },
    {
      label: "Wait for a limit",
      value: duration(wait.p50),
      aside: `p95 ${duration(wait.p95)} · p99 ${duration(wait.p99)}`,
    },
    tokens(figures),
    cost(figures),
    figures.state === "running" ? remaining(figures) : calls(figures),
  ];
}

function done({ jobs }: ReportedFigures): Figure {
  const over = jobs.succeeded + jobs.failed + jobs.cancelled;
  const share = over === 0 ? "nothing yet" : `${percent(jobs.succeeded / over)} succeeded`;
  return { label: "Rows done", value: count(over), aside: `of ${count(jobs.total)} · ${share}` };
}

function remaining({ eta_seconds: eta, rate }: ReportedFigures): Figure {
  const value = eta === null ? "–" : duration(eta * 1_000);
  return { label: "Time left", value, aside: `${short(rate.requests_per_minute)} calls/min now` };
}

function throughput({ rate }: ReportedFigures, history: ReportedHistory | null): Figure {
  const use = history && quotaUse(history, history.calls, history.requestLimit);
  if (!use) return { label: "Throughput", value: `${short(rate.requests_per_minute)}/min`, aside: "calls" };
  const limit = use.share === null ? "no limit known" : `${percent(use.share)} of the limit`;
  return { label: "Throughput", value: `${short(use.perMinute)}/min`, aside: `calls · ${limit}` };
}

function refused({ attempts }: ReportedFigures): Figure {
  const share = attempts.total === 0 ? "–" : percent(attempts.throttled / attempts.total);
  return {
    label: "Refused by a limit",
    value: share,
    aside: `${count(attempts.throttled)} × 429 of ${plural(attempts.total, "call")}`,
  };
}

function tokens({ tokens: { input, cached_input: cached, output } }: ReportedFigures): Figure {
  const fromCache = cached > 0 ? ` (${percent(cached / input)} cached)` : "";
  return {
    label: "Tokens",
    value: short(input + output),
    aside: `${short(input)} in${fromCache} · ${short(output)} out`,
  };
}

function cost({ cost_usd: total, jobs, unpriced, attempts: { succeeded } }: ReportedFigures): Figure {
  const part = unpriced < succeeded ? `for ${count(unpriced)} of ${plural(succeeded, "answer")}` : "is known";
  if (total === null) return { label: "Cost", value: "–", aside: `no price ${part}` };
  const each = jobs.succeeded > 0 ? `${usd((total / jobs.succeeded) * 1_000)} per 1,000 rows` : "so far";
  return { label: "Cost", value: usd(total), aside: each };
}

function calls({ attempts }: ReportedFigures): Figure {
  const doubt = attempts.in_doubt > 0 ? ` · ${count(attempts.in_doubt)} in doubt` : "";
  return {
    label: "Calls",
    value: count(attempts.total),
    aside: `${plural(attempts.retried, "retry", "retries")}${doubt}`,
  };
}
