import type { Writable } from "node:stream";
import type { Run } from "../domain/run.ts";
import { EventLog } from "../observe/events/event-log.ts";
import { LineWriter } from "../observe/events/line-writer.ts";
import type { Invocation } from "./context.ts";
import { checkLogFile, openLogFile } from "./log-file.ts";
import { printableLine } from "./printable.ts";

/**
 * Opens where a run's events go: stdout with `--json`, unless the results go there, and the file of `--log-file`. One
 * that can't be written any more is told once, and the run goes on without it.
 * @throws LlmBatchError BAD_OPTION, OUTPUT_UNWRITABLE
 */
export function openEvents(invocation: Invocation, run: Run): EventLog {
  const { context, globals } = invocation;
  const path = checkLogFile(
    invocation,
    run.sources.map((source) => source.path),
  );
  const file = path === null ? null : writerTo(openLogFile(path), path, invocation);
  const onStdout = globals.json && run.output !== "-";
  const stdout = onStdout ? writerTo(context.stdout, "stdout", invocation) : null;
  return new EventLog({
    run: run.id,
    clock: context.clock,
    writers: [stdout, file].filter((writer) => writer !== null),
    detailed: globals.verbose ? file : null,
  });
}

function writerTo(stream: Writable, name: string, { context }: Invocation): LineWriter {
  const { clock, stderr } = context;
  return new LineWriter({
    stream,
    clock,
    onFailure: (error) => {
      const line = `${name}: no more events are written: ${error.message}; the run goes on`;
      stderr.write(`${printableLine(line)}\n`);
    },
  });
}
