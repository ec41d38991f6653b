import type { RunStatus } from "../../observe/status.ts";
import type { Field } from "../text/fields.ts";
import { span } from "../text/line.ts";
import { grouped } from "../text/numbers.ts";
import { momentText } from "../text/times.ts";

type Stop = RunStatus["stops"][number];

/** Why and when processes stopped: a field for each reason. Of a run that one process worked on it needs no name. */
export function stopFields({ state, stops }: RunStatus): Field[] {
  const isNamed = stops.length > 1 || state === "running";
  const reasons = [...new Set(stops.map(({ message }) => message))];
  return reasons.map((reason) => {
    const same = stops.filter(({ message }) => message === reason);
    const moment = momentText(Date.parse(same.at(-1)!.at));
    const items = [[span(reason, "notable")], [span(moment)], ...(isNamed ? [[span(namesOf(same))]] : [])];
    return { label: "stopped", items };
  });
}

function namesOf(same: readonly Stop[]): string {
  const [{ host, pid }] = same as [Stop];
  if (same.length > 1) return `${grouped(same.length)} processes`;
  return host === null ? "one process" : `process ${pid} on ${host}`;
}
