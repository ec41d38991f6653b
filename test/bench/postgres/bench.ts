/**
 * `npm run bench:postgres -- quota kill outage restart scale import [--rows N] [--workers 1,2,4,8]`: what many workers on one
 * PostgreSQL database must show, by the real binary against a real server and the simulator. Exits 1 when a gate is missed.
 */
import { parseArgs } from "node:util";
import { startPostgres } from "../../helpers/postgres-server.ts";
import { importCase } from "./import.ts";
import { killCase } from "./kill.ts";
import { outageCase } from "./outage.ts";
import { quotaCase } from "./quota.ts";
import { restartCase } from "./restart.ts";
import type { Bench, Figure } from "./rig.ts";
import { scaleCase } from "./scale.ts";

const CASES: Readonly<Record<string, (bench: Bench) => Promise<Figure[]>>> = {
  quota: quotaCase,
  kill: killCase,
  outage: outageCase,
  restart: restartCase,
  scale: scaleCase,
  import: importCase,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: "string" }, workers: { type: "string", default: "1,2,4,8" } },
});
const server = await startPostgres({ fsync: "on", full_page_writes: "on", shared_buffers: "256MB" });
if (server === null) process.exit(0);
let isMissed = false;
try {
  for (const name of positionals.length > 0 ? positionals : Object.keys(CASES)) {
    const bench: Bench = {
      server,
      rows: values.rows === undefined ? null : Number(values.rows),
      workers: values.workers.split(",").map(Number),
    };
    for (const { what, value, gate, isMet } of await CASES[name]!(bench)) {
      console.log(
        `${isMet ? "ok    " : "MISSED"} ${name}: ${what}: ${value}${gate === "" ? "" : ` (gate: ${gate})`}`,
      );
      isMissed ||= !isMet;
    }
  }
} finally {
  await server.close();
}
process.exitCode = isMissed ? 1 : 0;
