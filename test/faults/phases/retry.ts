import { parseSomeSettings } from "../../../src/simulator/parse-settings.ts";
import { writePrompts } from "../../helpers/rows.ts";
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

const ROWS = 1_500;
const CONCURRENCY = 8;
const FEW_FAIL_ONCE = parseSomeSettings([
  ["latency", "uniform:2ms-30ms"],
  ["fault", "500:rate=10%:times=1"],
]);

/** `retry` of a run whose rows have all failed; a tenth of them fail once more and wait for their next attempt. */
export const retryPhase: Phase = {
  name: "retry",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider(["fault", "context-length"]);
    await prepare([...runArgs(simulator, CONCURRENCY), "--backoff-base", "50ms"], cwd, 3);
    simulator.control({ settings: FEW_FAIL_ONCE, resetStats: true });
    const ledger = await Ledger.open({ cwd, simulator, prompts, concurrency: CONCURRENCY });
    return {
      cwd,
      simulator,
      ledger,
      args: ["retry"],
      killAfterMs: await workingTime(cwd),
      isRightEnd: isFinished,
      async afterKill(atRest) {
        await checkRun(cwd, ledger, atRest);
        return false;
      },
      atEnd: () => checkFinishedRun(cwd, ledger),
    };
  },
};
