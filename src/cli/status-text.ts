import type { RunStatus } from "../observe/status.ts";
import { printableLine } from "./printable.ts";
import { statusLine } from "./progress/status-line.ts";
import { figureLines } from "./summary.ts";

/** A run's figures for people. */
export function statusText(status: RunStatus): string {
  const breakers = status.breaker.map(
    ({ endpoint, state, retry_at }) =>
      `  breaker ${state}: ${endpoint}${retry_at ? `, next probe ${retry_at}` : ""}`,
  );
  const lines = [`${status.run} ${status.state}: ${status.input}`, `  ${statusLine(status, null)}`];
  return `${[...lines, ...figureLines(status), ...breakers].map(printableLine).join("\n")}\n`;
}
