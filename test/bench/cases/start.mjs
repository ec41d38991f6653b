import { join } from "node:path";
import { BIN, interleave, jsonRow, measureNode, median, medianRatio, writeLines } from "../harness.mjs";
import { withProvider } from "../with-provider.mjs";
import { runArgs } from "./drain.mjs";

const LOOP = join(import.meta.dirname, "../loops/undici.mjs");
const ms = (measured) => median(measured.map((one) => one.cpuSeconds)) * 1_000;

/** By CPU time: what the disk takes to make a database durable is its own affair. */
export const start = {
  name: "start",
  about: "--help, status of a large run, and a run of one row, in CPU time",
  run: ({ rounds, quick, folder }) =>
    withProvider(0, async (url) => {
      const cwd = folder;
      const rows = quick ? 50_000 : 1_000_000;
      writeLines(join(folder, "many.jsonl"), rows, jsonRow);
      const large = [
        BIN,
        "run",
        "many.jsonl",
        "--db",
        "large.db",
        "--provider",
        "sim",
        "-q",
        "--deadline",
        "1ms",
      ];
      await measureNode(large, { cwd, exitCodes: [75] });
      writeLines(join(folder, "rows.jsonl"), 1, jsonRow);
      const { node, help, status, call, one } = await interleave(rounds * 3, {
        node: () => measureNode(["--eval", "0"], { cwd }),
        help: () => measureNode([BIN, "--help"], { cwd }),
        status: () => measureNode([BIN, "status", "--db", "large.db"], { cwd }),
        call: () => measureNode([LOOP, url, "1", "1"], { cwd }),
        one: () => measureNode(runArgs(url, 1, ["--progress", "none", "-q"]), { cwd }),
      });
      return [
        {
          what: "--help beside an empty program",
          figure: `${ms(help).toFixed(0)} ms`,
          limit: `${ms(node).toFixed(0)} ms`,
          ratio: medianRatio(help, node, (each) => each.cpuSeconds),
          most: 2.5,
        },
        beyond(`status of ${rows.toLocaleString("en")} rows, over --help`, status, help),
        beyond("run of one row, over the call alone", one, call),
      ];
    }),
};

function beyond(what, measured, base) {
  const more = ms(measured) - ms(base);
  return {
    what,
    figure: `${more < 0 ? "" : "+"}${more.toFixed(0)} ms`,
    limit: "150 ms",
    ratio: more / 150,
    most: 1,
  };
}
