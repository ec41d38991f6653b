import { writePrompts } from "../../helpers/rows.ts";
import { type Ended, runCli } from "../../helpers/start-cli.ts";
import { databaseNamed } from "../../helpers/test-database.ts";
import { snapshot } from "../job-table.ts";
import { Ledger } from "../ledger.ts";
import type { Phase } from "./phase.ts";
import { checkFinishedRun, millisecondsOf, runArgs, startProvider } from "./stage.ts";

const ROWS = 3_000;
const CONCURRENCY = 32;

/** `run` from nothing: the database is made, the rows are read in. Nothing is sent before the last row is in. */
export const importPhase: Phase = {
  name: "import",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider();
    const args = runArgs(simulator, CONCURRENCY);
    // How long the command takes to its first call, tried on another database.
    const to = await millisecondsOf(() =>
      runCli([...args, "--deadline", "1ms", "--db", databaseNamed(cwd, "trial.db")], { cwd }),
    );
    simulator.control({ resetStats: true });
    const ledger = await Ledger.open({ cwd, simulator, prompts, concurrency: CONCURRENCY });
    return {
      cwd,
      simulator,
      ledger,
      args,
      killAfterMs: { from: to / 10, to },
      isRightEnd,
      async afterKill(atRest) {
        // Read first: what comes in later may be of a run that another process has opened since.
        const { calls } = ledger;
        if ((await snapshot(cwd, { atRest }))?.runs.some((state) => state !== "importing")) return true;
        if (calls > 0) ledger.violation(`a half-imported run was drained: ${calls} calls`);
        if (!atRest) return false;
        await runCli(["resume"], { cwd });
        if (ledger.calls > 0) ledger.violation(`a half-imported run was resumed: ${ledger.calls} calls`);
        return false;
      },
      atEnd: () => checkFinishedRun(cwd, ledger),
    };
  },
};

/** While one process imports, another is told to wait. */
function isRightEnd({ code, stderr }: Ended): boolean {
  return code === 0 || (code === 2 && stderr.startsWith("RUN_BEING_IMPORTED"));
}
