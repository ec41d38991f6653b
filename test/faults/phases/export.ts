import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readResults, writePrompts } from "../../helpers/rows.ts";
import { Ledger } from "../ledger.ts";
import type { Phase } from "./phase.ts";
import { checkFinishedRun, isFinished, millisecondsOf, prepare, runArgs, startProvider } from "./stage.ts";

const ROWS = 4_000;
const FILE = "results.jsonl";

/** `export` of a finished run: its file is whole or not there. */
export const exportPhase: Phase = {
  name: "export",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider();
    await prepare(runArgs(simulator, 64), cwd, 0);
    const ledger = await Ledger.open({ cwd, simulator, prompts, concurrency: 0, fromStart: true });
    const args = ["export", "-o", FILE, "--force"];
    const wholeMs = await millisecondsOf(() => prepare(args, cwd, 0));
    rmSync(join(cwd, FILE));
    const checkFile = (): void => ledger.checkRows(readResults(cwd, FILE), FILE);
    return {
      cwd,
      simulator,
      ledger,
      args,
      killAfterMs: { from: wholeMs / 4, to: wholeMs },
      isRightEnd: isFinished,
      async afterKill(atRest) {
        if (!existsSync(join(cwd, FILE))) return false;
        checkFile();
        if (atRest) rmSync(join(cwd, FILE));
        return false;
      },
      async atEnd() {
        checkFile();
        await checkFinishedRun(cwd, ledger);
      },
    };
  },
};
