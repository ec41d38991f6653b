import type { CliContext } from "./cli/context.ts";
import { exitCodeOf, printError } from "./cli/errors.ts";
import { runProgram } from "./cli/program/program.ts";
import { ExitCode } from "./domain/errors.ts";
import { fileTrouble } from "./domain/file-error.ts";
import { systemClock } from "./system/clock.ts";
import { Heap } from "./system/heap.ts";
import { systemRandom } from "./system/random.ts";
import { stateFolders } from "./system/state-folders.ts";
import { optimizeWasmLate } from "./system/wasm.ts";

optimizeWasmLate();
const heap = new Heap();
heap.keepSmall();

const context: CliContext = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  random: systemRandom,
  stateFolders: stateFolders(process.env),
  readingThread: new URL("./reading-program.js", import.meta.url),
  withLargeHeap: (work) => heap.withLarge(work),
};

// A reader that has gone away (`export -o - | head`) is not an error of ours; a full disk is told. Whoever can do
// without stdout listens too: a run goes on when nobody reads its events.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount("error") > 1) return;
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(
    `OUTPUT_UNWRITABLE: stdout: ${fileTrouble(error)}\nhint: make room for it, then run the command again\n`,
  );
  process.exit(ExitCode.usage);
});
// Nobody listening to the progress is no reason to stop working.
process.stderr.on("error", () => {});

const argv = process.argv.slice(2);
try {
  process.exitCode = await runProgram(argv, context);
} catch (error) {
  printError(error, context, argv);
  process.exitCode = exitCodeOf(error);
}
