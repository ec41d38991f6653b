import { performance } from "node:perf_hooks";
import { writePrompts } from "../../helpers/rows.ts";
import { type Ended, runCli } from "../../helpers/start-cli.ts";
import { snapshot } from "../job-table.ts";
import { Ledger } from "../ledger.ts";
import type { Phase } from "./phase.ts";
import { checkFinishedRun, runArgs, startProvider } from "./stage.ts";

const ROWS = 3_000;
const CONCURRENCY = 32;

/** `run` from nothing: the database is made, the rows are read in. Nothing is sent before the last row is in. */
export const importPhase: Phase = {
  name: "import",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider();
    const args = runArgs(simulator, CONCURRENCY);
    const ledger = new Ledger({ cwd, simulator, prompts, concurrency: CONCURRENCY });
    return {
      cwd,
      simulator,
      ledger,
      args,
      killAfterMs: { from: 100, to: await importMs(args, cwd) },
      isRightEnd,
      async afterKill() {
        if (snapshot(cwd)?.runs.includes("open")) return true;
        await runCli(["resume"], { cwd });
        if (ledger.calls > 0) ledger.violation(`a half-imported run was drained: ${ledger.calls} calls`);
        return false;
      },
      atEnd: () => checkFinishedRun(cwd, ledger),
    };
  },
};

/** How long the command takes to its first call, tried on another database. */
async function importMs(args: readonly string[], cwd: string): Promise<number> {
  const start = performance.now();
  await runCli([...args, "--deadline", "1ms", "--db", "trial.db"], { cwd });
  return performance.now() - start;
}

/** While one process imports, another is told to wait. */
function isRightEnd({ code, stderr }: Ended): boolean {
  return code === 0 || (code === 2 && stderr.startsWith("RUN_BEING_IMPORTED"));
}
