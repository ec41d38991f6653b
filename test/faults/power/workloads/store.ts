import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ended } from "../../../helpers/start-cli.ts";
import type { Acknowledged } from "../acknowledged.ts";
import { promptsOfAllLengths } from "./prompts.ts";
import type { Workload } from "./workload.ts";

const SCRIPT = fileURLToPath(new URL("store-work.ts", import.meta.url));
const DATABASE = "jobs.db";

/** The job table itself: an import in parts, claims, and results recorded several at a time, each acknowledged by its own line. */
export function storeWorkload(rows: number): Workload {
  return {
    name: "job table",
    async stage(cwd) {
      return {
        prompts: promptsOfAllLengths(rows),
        database: DATABASE,
        work: (durability, env) => runScript([join(cwd, DATABASE), String(rows), durability], env),
        hear,
        isAll: ({ imported, recorded }) => imported && recorded.size === rows,
      };
    },
  };
}

async function runScript(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), SCRIPT, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const [code, signal] = await once(child, "close");
  return { code, signal, ...output };
}

function hear(text: string, acknowledged: Acknowledged): void {
  for (const [, what, id] of text.matchAll(/^(imported|sent|recorded)(?: (q-\d+))?$/gm)) {
    if (what === "imported") acknowledged.imported = true;
    if (what === "sent") acknowledged.sent.add(id!);
    if (what === "recorded") acknowledged.recorded.add(id!);
  }
}
