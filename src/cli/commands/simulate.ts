import { port as readPort } from "../../config/parse.ts";
import { ExitCode } from "../../domain/errors.ts";
import { kebab } from "../../domain/kebab.ts";
import { parseSimulatorSettings, type SettingPair } from "../../simulator/parse-settings.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import type { Invocation } from "../context.ts";
import { choice } from "../program/choice.ts";
import { untilSignal } from "../session/signals.ts";

/** `llm-batch simulate`: serves the simulator until a signal ends it. */
export async function command({ context, globals, flags }: Invocation): Promise<ExitCode> {
  const { port, ...given } = flags;
  const settings = parseSimulatorSettings(Object.entries(given).flatMap(settingPairs));
  const simulator = await startSimulator(settings, {
    clock: context.clock,
    port: choice("simulate", "--port", readPort, port),
  });
  const { url } = simulator;
  if (globals.json) context.stdout.write(`${JSON.stringify({ url, port: simulator.port })}\n`);
  else context.stdout.write(`${url}\n`);
  if (!globals.quiet) {
    context.stderr.write(
      `try: llm-batch run FILE --base-url ${url} -m any; stats: ${new URL("/stats", url)}\n`,
    );
  }
  await context.withLargeHeap(untilSignal);
  await simulator.close();
  return ExitCode.ok;
}

function settingPairs([name, value]: [string, unknown]): SettingPair[] {
  const values = Array.isArray(value) ? value : [value];
  return values.map((text) => [kebab(name), String(text)] as const);
}
