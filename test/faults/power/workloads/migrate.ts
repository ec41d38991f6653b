import type { Simulator } from "../../../../src/simulator/simulator.ts";
import { readResults, writePrompts } from "../../../helpers/rows.ts";
import { runCli } from "../../../helpers/start-cli.ts";
import { OLD_RUN, writeOldDatabase } from "../../old-database.ts";
import { wrongRows } from "../wrong-rows.ts";
import { hearRun } from "./run.ts";
import type { Workload } from "./workload.ts";

const PENDING = 5;

/** The real `resume -o` of a run in an older release's database, which is brought up to date first. */
export function migrateWorkload(simulator: Simulator, rows: number): Workload {
  const resume = ["resume", OLD_RUN, "-o", "results.jsonl"];
  return {
    name: "migration",
    async stage(cwd) {
      const prompts = writePrompts(cwd, rows);
      writeOldDatabase(cwd, { baseUrl: simulator.url, concurrency: 1, prompts, pending: PENDING });
      return {
        prompts,
        recordedBefore: prompts.slice(PENDING).map((_, index) => `q-${index + 1}`),
        database: "llm-batch.db",
        work: (durability, env) => runCli([...resume, "--durability", durability], { cwd, env }),
        hear: hearRun,
        isAll: ({ recorded, exported }) => recorded.size === rows && exported,
        async goOn() {
          const { code, stderr } = await runCli(resume, { cwd });
          return code === 0 ? wrongRows(prompts, readResults(cwd)) : [`resume ended with ${code}: ${stderr}`];
        },
      };
    },
  };
}
