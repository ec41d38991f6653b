import { join } from "node:path";
import { measureNode, median } from "../harness.mjs";

const STORE = ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../store.mjs")];

/** By the clock: it is the disk that this is about. */
export const store = {
  name: "store",
  about: "the job table alone: claims and durable records in groups of 200",
  async run({ rounds, quick, folder }) {
    const rates = [];
    const cpus = [];
    for (let round = 0; round < rounds; round++) {
      const { stdout } = await measureNode([...STORE, quick ? "20000" : "100000"], { cwd: folder });
      const [, shown, cpu] = /claim \+ complete[^\n]*?([\d,]+) rows\/s +CPU +([\d.]+) us/.exec(stdout);
      rates.push(Number(shown.replaceAll(",", "")));
      cpus.push(Number(cpu));
    }
    const rate = median(rates);
    return [
      {
        what: "claim + complete, durable",
        figure: `${rate}`,
        limit: "30000",
        ratio: rate / 30_000,
        least: 1,
      },
      { what: "  CPU per row", figure: `${median(cpus)} us`, limit: "none", ratio: null },
    ];
  },
};
