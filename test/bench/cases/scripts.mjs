import { spawn } from "node:child_process";
import { join } from "node:path";

const BENCH = join(import.meta.dirname, "..");

/** A measurement that prints its own table and fails by its exit code. */
function script(name, about, args, quickArgs = args) {
  return {
    name,
    about,
    async run({ quick }) {
      const child = spawn(process.execPath, quick ? quickArgs : args, { cwd: BENCH, stdio: "inherit" });
      const code = await new Promise((resolve) => child.on("exit", resolve));
      return [
        {
          what: "its own gates",
          figure: `exit ${code}`,
          limit: "exit 0",
          ratio: code === 0 ? 1 : 0,
          least: 1,
        },
      ];
    },
  };
}

/** Those that measure something else than speed beside a limit; run where they are named, or all are wanted. */
export const scripts = [
  script("control", "quotas used and refused, against the simulator", ["--import", "tsx", "control.ts"]),
  script("pool", "quotas of two endpoints used as one pool, against the simulator", [
    "--import",
    "tsx",
    "pool.ts",
  ]),
  script("gate", "CPU of an admission at the gate", ["--import", "tsx", "gate.mjs"]),
  script("limiter", "CPU of an admission by the limiter alone", ["--import", "tsx", "limiter.mjs"]),
  script("history", "CPU of a call in the history of its run", ["--import", "tsx", "history.ts"]),
  script(
    "report",
    "a run of 1,000,000 rows: time, memory and size of report, in a browser, and ui",
    ["--import", "tsx", "report.ts"],
    ["--import", "tsx", "report.ts", "50000"],
  ),
  script("plan", "time and memory of plan", ["plan.mjs"], ["plan.mjs", "20000"]),
  script(
    "file-memory",
    "peak memory of reading and writing 10 MB and 1 GB",
    ["memory.mjs"],
    ["memory.mjs", "50"],
  ),
];
