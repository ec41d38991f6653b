import type { Simulator } from "../../../../src/simulator/simulator.ts";
import { readResults, writePrompts } from "../../../helpers/rows.ts";
import { runCli } from "../../../helpers/start-cli.ts";
import { runArgs } from "../../phases/stage.ts";
import type { Acknowledged } from "../acknowledged.ts";
import { wrongRows } from "../wrong-rows.ts";
import type { Workload } from "./workload.ts";

/**
 * The real `run -o` with one slot, at a provider that answers with the prompt. The slot is free only once the call's
 * result is safe, so each call acknowledges every row before its own.
 */
export function runWorkload(simulator: Simulator, rows: number): Workload {
  const run = [...runArgs(simulator, 1), "-o", "results.jsonl"];
  return {
    name: "run -o",
    async stage(cwd) {
      const prompts = writePrompts(cwd, rows);
      return {
        prompts,
        database: "llm-batch.db",
        work: (durability, env) => runCli([...run, "--durability", durability], { cwd, env }),
        hear: hearRun,
        isAll: ({ imported, recorded, exported }) => imported && recorded.size === rows && exported,
        async goOn({ recorded }) {
          const before = simulator.stats().calls;
          const { code, stderr } = await runCli(run, { cwd });
          if (code !== 0) return [`run ended with ${code}: ${stderr}`];
          const calls = simulator.stats().calls - before;
          const most = rows - recorded.size;
          const tooMany = calls > most ? [`${calls} calls for ${most} rows that were not done`] : [];
          return [...tooMany, ...wrongRows(prompts, readResults(cwd))];
        },
      };
    },
  };
}

/** What a `run -o` or `resume -o` with one slot acknowledges. */
export function hearRun(text: string, acknowledged: Acknowledged): void {
  if (/^r_\w+: [\d,]+ rows from /m.test(text)) acknowledged.imported = true;
  if (/^ {2}results in /m.test(text)) acknowledged.exported = true;
  for (const [, ordinal] of text.matchAll(/What is (\d+) plus/g)) {
    for (const id of acknowledged.sent) acknowledged.recorded.add(id);
    acknowledged.sent.add(`q-${ordinal}`);
  }
  if (acknowledged.exported) for (const id of acknowledged.sent) acknowledged.recorded.add(id);
}
