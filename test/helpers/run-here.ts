import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { CliContext } from "../../src/cli/context.ts";
import { exitCodeOf, printError } from "../../src/cli/errors.ts";
import { runProgram } from "../../src/cli/program/program.ts";
import type { ExitCode } from "../../src/domain/errors.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { stateFolders } from "../../src/system/state-folders.ts";
import type { CliOptions, Ended } from "./start-cli.ts";
import { databaseFor } from "./test-database.ts";

type Options = Pick<CliOptions, "cwd" | "env" | "stdin">;

let last: Promise<unknown> = Promise.resolve();

/**
 * The whole command line as `runCli` has it, but in this process: for the many ways to be refused and for the runs that
 * tests begin with, of which each would cost the start of a process. One comes after the other, since they share a
 * working folder.
 */
export function runHere(argv: readonly string[], options: Options): Promise<Ended> {
  const ended = last.then(() => runAlone(argv, options));
  last = ended.catch(() => {});
  return ended;
}

async function runAlone(argv: readonly string[], { cwd, env = {}, stdin = "" }: Options): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const context = contextOf({ HOME: cwd, ...databaseFor(cwd), ...env }, stdin, { stdout, stderr });
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await exitOf(argv, context);
    for (const stream of [stdout, stderr]) stream.end();
    const [out, err] = await written;
    return { code, signal: null, stdout: out, stderr: err };
  } finally {
    process.chdir(before);
  }
}

/** As `src/main.ts` does it. */
async function exitOf(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  try {
    return await runProgram(argv, context);
  } catch (error) {
    printError(error, context, argv);
    return exitCodeOf(error);
  }
}

function contextOf(
  env: NodeJS.ProcessEnv,
  stdin: string,
  outputs: Pick<CliContext, "stdout" | "stderr">,
): CliContext {
  return {
    ...outputs,
    env,
    stdin: Readable.from([stdin]),
    clock: systemClock,
    random: systemRandom,
    stateFolders: stateFolders(env),
    readingThread: null,
    withLargeHeap: (work) => work(),
  };
}
