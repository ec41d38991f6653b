import { readResults, writePrompts } from "../../helpers/rows.ts";
import { Ledger } from "../ledger.ts";
import type { Phase } from "./phase.ts";
import {
  checkFinishedRun,
  checkRun,
  isFinished,
  prepare,
  runArgs,
  startProvider,
  workingTime,
} from "./stage.ts";

const ROWS = 2_000;
const CONCURRENCY = 8;

/** `run` of an imported run: claims, calls, recorded results, and the results file at the end. */
export const drainPhase: Phase = {
  name: "drain",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider(["latency", "uniform:2ms-30ms"]);
    const run = runArgs(simulator, CONCURRENCY);
    const ledger = await Ledger.open({ cwd, simulator, prompts, concurrency: CONCURRENCY });
    await prepare([...run, "--deadline", "1ms"], cwd, 75);
    return {
      cwd,
      simulator,
      ledger,
      args: [...run, "-o", "results.jsonl"],
      killAfterMs: await workingTime(cwd),
      isRightEnd: isFinished,
      async afterKill(atRest) {
        await checkRun(cwd, ledger, atRest);
        return false;
      },
      async atEnd() {
        await checkFinishedRun(cwd, ledger);
        ledger.checkRows(readResults(cwd), "results.jsonl");
      },
    };
  },
};
