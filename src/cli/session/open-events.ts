import type { Writable } from "node:stream";
import { fileTrouble } from "../../domain/file-error.ts";
import type { Run } from "../../domain/run.ts";
import { EventLog } from "../../observe/events/event-log.ts";
import { LineWriter } from "../../observe/events/line-writer.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Invocation } from "../context.ts";
import type { Voice } from "../voice.ts";
import { checkLogFile, openLogFile } from "./log-file.ts";

/**
 * Opens where a run's events go: stdout with `--json`, unless the results go there, and the file of `--log-file`. One
 * that can't be written any more is told once, and the run goes on without it.
 * @throws LlmBatchError BAD_OPTION, OUTPUT_UNWRITABLE
 */
export function openEvents(invocation: Invocation, run: Run, voice: Voice): EventLog {
  const { context, globals } = invocation;
  const { clock } = context;
  const path = checkLogFile(
    invocation,
    run.sources.map((source) => source.path),
  );
  const file = path === null ? null : writerTo(openLogFile(path), path, clock, voice);
  const onStdout = globals.json && run.output !== "-";
  const stdout = onStdout ? writerTo(context.stdout, "stdout", clock, voice) : null;
  return new EventLog({
    run: run.id,
    clock,
    writers: [stdout, file].filter((writer) => writer !== null),
    detailed: globals.verbose ? file : null,
  });
}

function writerTo(stream: Writable, name: string, clock: Clock, voice: Voice): LineWriter {
  return new LineWriter({
    stream,
    clock,
    onFailure: (error) =>
      voice.say(`${name}: no more events are written: ${fileTrouble(error)}; the run goes on`),
  });
}
