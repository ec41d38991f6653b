import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, type Figure, gated, seen, Trial } from "./rig.ts";

const COLUMNS = "id, run, source, line, key, row, characters, input_tokens, output_tokens, request_hash";

/** Reading rows in, against psql's \copy of the very same rows into the very same table. */
export async function importCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 200_000;
  const trial = await Trial.open(server, []);
  try {
    const lines = Array.from(
      { length: count },
      (_, at) => `${JSON.stringify({ id: `q-${at + 1}`, prompt: `${at + 1} ${"x".repeat(150)}` })}\n`,
    );
    writeFileSync(join(trial.cwd, "in.jsonl"), lines.join(""));
    await trial.run(["runs"], [0, 2]);
    const target = ["--base-url", trial.simulator!.url, "-m", "sim-1"];
    const startedAt = performance.now();
    await trial.run(["run", "in.jsonl", "--detach", ...target]);
    const ours = (performance.now() - startedAt) / 1_000;
    const file = join(trial.cwd, "rows.copy");
    psql(trial, `\\copy (SELECT ${COLUMNS} FROM ${trial.schema}.inputs ORDER BY id) TO '${file}'`);
    await trial.query("TRUNCATE {s}.inputs, {s}.jobs");
    const copiedAt = performance.now();
    psql(trial, `\\copy ${trial.schema}.inputs (${COLUMNS}) FROM '${file}'`);
    const theirs = (performance.now() - copiedAt) / 1_000;
    return [
      seen("rows a second, start of the process and jobs included", Math.round(count / ours)),
      seen("rows a second by psql", Math.round(count / theirs)),
      gated("ours to psql's", theirs / ours, ">= 0.6", theirs / ours >= 0.6),
    ];
  } finally {
    await trial.close();
  }
}

function psql(trial: Trial, command: string): void {
  execFileSync("psql", [trial.db.split("?")[0]!, "-q", "-v", "ON_ERROR_STOP=1", "-c", command]);
}
