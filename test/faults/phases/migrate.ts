import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { parseResults, writePrompts } from "../../helpers/rows.ts";
import { runCli } from "../../helpers/start-cli.ts";
import { Ledger } from "../ledger.ts";
import { OLD_RUN, writeOldDatabase } from "../old-database.ts";
import type { Phase } from "./phase.ts";
import { checkRun, isFinished, millisecondsOf, prepare, startProvider } from "./stage.ts";

const ROWS = 30_000;
const PENDING = 50;
const CONCURRENCY = 8;
const FILE = "llm-batch.db";

/** `resume` on the database of an older release, which is brought up to date first. */
export const migratePhase: Phase = {
  name: "migrate",
  async stage(cwd) {
    const prompts = writePrompts(cwd, ROWS);
    const simulator = await startProvider();
    writeOldDatabase(cwd, { baseUrl: simulator.url, concurrency: CONCURRENCY, prompts, pending: PENDING });
    // The database is refused for reading, which takes the start of a process; then all of the work is tried on a copy.
    const startMs = await millisecondsOf(() => runCli(["status"], { cwd }));
    copyFileSync(join(cwd, FILE), join(cwd, "trial.db"));
    const trial = ["resume", OLD_RUN, "--db", "trial.db", "--deadline", "1ms"];
    const wholeMs = await millisecondsOf(() => prepare(trial, cwd, 75));
    simulator.control({ resetStats: true });
    const ledger = await Ledger.open({ cwd, simulator, prompts, concurrency: CONCURRENCY });
    return {
      cwd,
      simulator,
      ledger,
      args: ["resume", OLD_RUN],
      killAfterMs: { from: startMs / 2, to: wholeMs },
      isRightEnd: isFinished,
      async afterKill(atRest) {
        checkCopies(cwd, ledger);
        if (versionOf(join(cwd, FILE)) === 1) {
          if (ledger.calls > 0) ledger.violation(`${ledger.calls} calls were made from an old schema`);
          return false;
        }
        await checkRun(cwd, ledger, atRest);
        return true;
      },
      async atEnd() {
        await checkRun(cwd, ledger, true);
        await checkResults(cwd, ledger);
      },
    };
  },
};

/** Every row has its answer, the old ones theirs from before; only the rest was sent. */
async function checkResults(cwd: string, ledger: Ledger): Promise<void> {
  const { stdout } = await runCli(["export", "-o", "-"], { cwd });
  const rows = parseResults(stdout);
  ledger.checkRows(rows, "at the end");
  ledger.account.lost += rows.filter(({ status }) => status !== "succeeded").length;
  ledger.account.repeated = Math.max(0, ledger.calls - PENDING);
  const { repeated, inFlight } = ledger.account;
  if (repeated > inFlight) ledger.violation(`${repeated} calls were repeated, ${inFlight} were in flight`);
}

/** A copy of the old database that was left beside it is whole. */
function checkCopies(cwd: string, ledger: Ledger): void {
  for (const name of readdirSync(cwd).filter(
    (file) => file.startsWith(`${FILE}.`) && file.endsWith(".bak"),
  )) {
    const copy = new Database(join(cwd, name), { readonly: true });
    const rows = copy
      .prepare("SELECT count(*) FROM inputs CROSS JOIN jobs ON jobs.id = inputs.id")
      .pluck()
      .get();
    if (rows !== ROWS || copy.pragma("quick_check", { simple: true }) !== "ok")
      ledger.violation(`the copy ${name} has ${rows} rows of ${ROWS}`);
    copy.close();
  }
}

function versionOf(path: string): unknown {
  const db = new Database(path, { readonly: true });
  const version = db.pragma("user_version", { simple: true });
  db.close();
  return version;
}
