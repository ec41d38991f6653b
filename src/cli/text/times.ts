import { formatDuration } from "../../domain/duration.ts";

export { spanText } from "../../domain/duration.ts";

/** What is still to be waited: whole seconds, rounded up, as a countdown shows them. */
export function waitSpan(ms: number): string {
  return formatDuration(Math.max(1, Math.ceil(ms / 1_000)) * 1_000);
}

/** A moment by the clock on the wall, in the time zone of the machine: 2026-11-25 14:03:22. */
export function momentText(wallMs: number): string {
  const at = new Date(wallMs);
  const date = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join("-");
  return `${date} ${timeText(wallMs)}`;
}

/** 14:03:22. */
function timeText(wallMs: number): string {
  const at = new Date(wallMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

/** A moment to come: the time, and the date unless it is today. */
export function comingText(wallMs: number, nowWallMs: number): string {
  const moment = momentText(wallMs);
  const [today] = momentText(nowWallMs).split(" ");
  return moment.startsWith(`${today} `) ? timeText(wallMs) : moment;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
