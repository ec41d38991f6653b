import type { RunStatus } from "../../observe/status.ts";
import { type ToldStop, toldStops } from "../../observe/stops.ts";
import type { Field } from "../text/fields.ts";
import { span } from "../text/line.ts";
import { grouped } from "../text/numbers.ts";
import { momentText } from "../text/times.ts";

/** Why and when processes stopped: a field for each reason. Of a run that one process worked on it needs no name. */
export function stopFields({ state, stops }: RunStatus): Field[] {
  const isNamed = stops.length > 1 || state === "running";
  return toldStops(stops).map((stop) => {
    const said = [[span(stop.message, "notable")], [span(momentText(stop.at))]];
    return { label: "stopped", items: isNamed ? [...said, [span(nameOf(stop))]] : said };
  });
}

function nameOf({ processes }: ToldStop): string {
  const [first] = processes;
  if (processes.length > 1) return `${grouped(processes.length)} processes`;
  return first?.host ? `process ${first.pid} on ${first.host}` : "one process";
}
