import type { SeenEndpoint } from "../observe/endpoints.ts";
import type { Look } from "../observe/status.ts";
import { etaText, rateText } from "./progress/frame.ts";
import { type Sight, sightOf } from "./progress/sight.ts";
import { activityFrom } from "./progress/wait-text.ts";
import { failureLines } from "./summary/failures.ts";
import { figureLines, rowsField } from "./summary/figures.ts";
import { type Field, fieldLines, textLines } from "./text/fields.ts";
import { type Line, span } from "./text/line.ts";
import { comingText } from "./text/times.ts";

const STATE_TONES = {
  importing: "notable",
  running: "good",
  finished: "good",
  stopped: "notable",
  cancelled: "notable",
} as const;

/**
 * A run's figures for people.
 * @param wallMs now
 * @param columns of the window; null breaks no line
 */
export function statusLines(look: Look, wallMs: number, columns: number | null): Line[] {
  const { status, endpoints } = look;
  const sight = sightOf(look, null, activityFrom(look, wallMs));
  const fields = [
    rowsField(status),
    ...(status.state === "running" ? motionFields(sight) : []),
    ...endpoints.flatMap((endpoint) => breakerField(endpoint, wallMs)),
  ];
  return [
    ...textLines(
      [span(`${status.run} ${status.state}: ${status.input}`, STATE_TONES[status.state])],
      columns,
    ),
    ...fields.flatMap((field) => fieldLines(field, columns)),
    ...figureLines(status, columns),
    ...failureLines(status, columns),
  ];
}

/** What holds only while somebody works on it. */
function motionFields(sight: Sight): Field[] {
  const { done, total, requests, tokens, activity } = sight;
  return [
    {
      label: "progress",
      items: [
        [span(`${Math.floor((total === 0 ? 1 : done / total) * 100)}%`)],
        [span(`ETA ${etaText(sight)}`)],
      ],
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
