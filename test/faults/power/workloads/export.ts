import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "../../../../src/simulator/simulator.ts";
import { writePrompts } from "../../../helpers/rows.ts";
import { runCli } from "../../../helpers/start-cli.ts";
import { prepare, runArgs } from "../../phases/stage.ts";
import type { Acknowledged } from "../acknowledged.ts";
import type { Workload } from "./workload.ts";

/** The real `export -o` of a finished run over a file that is there. */
export function exportWorkload(simulator: Simulator, rows: number): Workload {
  return {
    name: "export -o",
    async stage(cwd) {
      const prompts = writePrompts(cwd, rows);
      await prepare(runArgs(simulator, 16), cwd, 0);
      writeFileSync(join(cwd, "results.jsonl"), "what was there before\n");
      return {
        prompts,
        database: "llm-batch.db",
        work: (_, env) => runCli(["export", "-o", "results.jsonl", "--force"], { cwd, env }),
        hear,
        isAll: ({ exported }) => exported,
      };
    },
  };
}

function hear(text: string, acknowledged: Acknowledged): void {
  if (text.includes("results.jsonl")) acknowledged.exported = true;
}
