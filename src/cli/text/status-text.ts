import { OPENED_BY_HAND } from "../../control/breaker/view.ts";
import { usedUpQuota } from "../../control/shared/limiter.ts";
import { inputNames, type Run } from "../../domain/run.ts";
import type { StopReason } from "../../domain/stop-reason.ts";
import type { SeenEndpoint } from "../../observe/endpoints.ts";
import type { Look, RunStatus } from "../../observe/status.ts";
import { etaText, rateText } from "../progress/frame.ts";
import { type Sight, sightOf } from "../progress/sight.ts";
import { activityFrom, LONG_REFUSAL_MS } from "../progress/wait-text.ts";
import { failureLines } from "../summary/failures.ts";
import { figureLines, rowsField } from "../summary/figures.ts";
import { closingBreakers, goingOn, type Step, stepLines } from "../summary/steps.ts";
import { stopFields } from "../summary/stops.ts";
import { type Field, fieldLines, textLines } from "./fields.ts";
import { type Line, span } from "./line.ts";
import { donePercent } from "./numbers.ts";
import { comingText } from "./times.ts";

const STATE_TONES = {
  importing: "notable",
  running: "good",
  finished: "good",
  stopped: "notable",
  cancelled: "notable",
} as const;

/**
 * A run's figures for people, and how to resume one that no process works on.
 * @param end why it would stop at once if it were resumed; null where it would go on
 * @param flags that the commands need, with a space before each
 * @param wallMs now
 * @param columns of the window; null breaks no line
 */
export function statusLines(
  { run, look, end, flags }: { run: Run; look: Look; end: StopReason | null; flags: string },
  wallMs: number,
  columns: number | null,
): Line[] {
  const { status, endpoints } = look;
  const sight = sightOf(look, activityFrom(look, wallMs));
  const fields = [
    ...stopFields(status),
    rowsField(status),
    ...(status.state === "running" ? motionFields(sight) : []),
    ...endpoints.flatMap((endpoint) => [...breakerField(endpoint, wallMs), ...limitField(endpoint, wallMs)]),
  ];
  return [
    ...textLines([span(headline(run, status), STATE_TONES[status.state])], columns),
    ...fields.flatMap((field) => fieldLines(field, columns)),
    ...figureLines(status, columns),
    ...failureLines(status, flags, columns),
    ...stepLines(status.state === "stopped" ? stepsWhenStopped(run, look, end) : [], flags, columns),
  ];
}

function headline({ sources }: Run, { run, state }: RunStatus): string {
  return `${run} ${state}: ${inputNames(sources.map(({ path }) => path))}`;
}

/**
 * The same as the last words of the run itself, and what has come up since.
 * @param ahead why it would stop at once if it were resumed; null where it would go on
 */
export function stepsWhenStopped(
  { state }: Run,
  { status, stops, endpoints }: Look,
  ahead: StopReason | null,
): Step[] {
  if (state === "importing")
    return [{ what: "its import was cut off: the same `llm-batch run …` starts it over", command: null }];
  const last = stops.at(-1) ?? null;
  const isNews = ahead !== null && ahead.code !== last?.code;
  const news = isNews ? [{ what: ahead.message, command: null }] : [];
  const isRefused = last?.code === "PROVIDER_REFUSED" || areRefused(endpoints);
  return [...closingBreakers(endpoints), ...news, ...goingOn(status, ahead ?? last, isRefused)];
}

function areRefused(endpoints: readonly SeenEndpoint[]): boolean {
  return (
    endpoints.length > 0 &&
    endpoints.every(({ breaker: { state, reason } }) => state === "blocked" && reason !== OPENED_BY_HAND)
  );
}

/** Lines that say something only while a process works on the run. */
function motionFields(sight: Sight): Field[] {
  const { done, total, requests, tokens, activity } = sight;
  return [
    {
      label: "progress",
      items: [[span(donePercent(done, total))], [span(`ETA ${etaText(sight)}`)]],
    },
    {
      label: "speed",
      items: [[span(`${rateText(requests)} calls/min`)], [span(`${rateText(tokens)} tokens/min`)]],
    },
    { label: "now", items: [[span(activity.text, activity.isHeld ? "notable" : "plain")]] },
  ];
}

/** A closed breaker is no news. */
function breakerField({ endpoint, breaker }: SeenEndpoint, wallMs: number): Field[] {
  const { state, retryAt, reason } = breaker;
  if (state === "closed") return [];
  const items: Line[] = [
    [span(state, "notable")],
    [span(endpoint)],
    ...(retryAt === null ? [] : [[span(`next probe ${comingText(retryAt, wallMs)}`)]]),
    ...(reason === null ? [] : [[span(reason)]]),
  ];
  return [{ label: "breaker", items }];
}

/** An endpoint whose limit keeps calls waiting. */
function limitField({ endpoint, blockedUntil, quotas }: SeenEndpoint, wallMs: number): Field[] {
  const field = (label: string, until: number): Field[] => [
    { label, items: [[span(`until ${comingText(until, wallMs)}`, "notable")], [span(endpoint)]] },
  ];
  if (blockedUntil !== null && blockedUntil - wallMs > LONG_REFUSAL_MS) return field("refused", blockedUntil);
  const usedUp = usedUpQuota(quotas, wallMs);
  return usedUp === null ? [] : field("used up", usedUp.until);
}
