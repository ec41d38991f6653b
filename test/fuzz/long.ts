/**
 * `npm run test:fuzz -- --runs 100000 --seed 1`: tries every property with so many inputs. Prints the smallest input that
 * breaks one, and exits 1.
 */
import { parseArgs } from "node:util";
import { FUZZES } from "./all.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const numRuns = Number(values.runs);
const seed = Number(values.seed);
if (!(numRuns > 0 && Number.isSafeInteger(seed))) throw new Error("--runs and --seed take whole numbers");

for (const [name, fuzz] of Object.entries(FUZZES)) {
  try {
    await fuzz({ numRuns, seed });
    process.stdout.write(`ok     ${name}\n`);
  } catch (error) {
    process.stdout.write(`BROKEN ${name}\n${(error as Error).message}\n${(error as Error).cause ?? ""}\n`);
    process.exitCode = 1;
  }
}
process.stdout.write(`${numRuns} inputs each, seed ${seed}\n`);
