import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { CliContext, GlobalOptions, OutputStream } from "../../../../src/cli/context.ts";
import { showReading } from "../../../../src/cli/progress/reading.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { VirtualScreen } from "../../../helpers/virtual-screen.ts";

/** The reading as it is shown where stderr is as `given`. */
async function readingOn(given: { isTTY: boolean; columns?: number }, globals: Partial<GlobalOptions> = {}) {
  const clock = new ManualClock();
  const screen = new VirtualScreen(given.columns ?? 80);
  const stderr: OutputStream = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      screen.write(text);
      done();
    },
  });
  Object.assign(stderr, { columns: 80, rows: 24, ...given });
  const context = { clock, stderr, stdout: stderr, env: { LANG: "C" } } as unknown as CliContext;
  const all = { progress: "auto", quiet: false, json: false, color: false, ...globals } as GlobalOptions;
  return { clock, screen, progress: await showReading({ context, globals: all }) };
}

const read = (rows: number, bytes: number) => ({ rows, bytes, ofBytes: 1_000 });

test.each([
  [80, "########################----------------  60%  1,234,567 rows read"],
  [20, "####----  60%  1.2M"],
])("a terminal of %i columns has a bar of what was read, which is gone at the end", async (columns, line) => {
  const { clock, screen, progress } = await readingOn({ isTTY: true, columns });
  clock.advance(500);
  expect(screen.rows).toEqual([]);
  progress.see(read(2_500, 10));
  progress.see(read(1_234_567, 600));
  clock.advance(500);
  expect(screen.rows).toEqual([line]);
  expect(screen.broken).toEqual([]);
  progress.say("r_1: 2,000,000 rows");
  progress.close();
  expect(screen.rows).toEqual(["r_1: 2,000,000 rows"]);
  expect(clock.pending).toBe(0);
});

test("elsewhere a line comes every ten seconds", async () => {
  const { clock, screen, progress } = await readingOn({ isTTY: false });
  progress.see(read(1, 10));
  clock.advance(9_999);
  expect(screen.rows).toEqual([]);
  clock.advance(1);
  progress.see(read(200_000, 999));
  clock.advance(10_000);
  expect(screen.rows).toEqual(["1%  1 row read", "99%  200,000 rows read"]);
  progress.close();
  expect(clock.pending).toBe(0);
});

test.each([{ quiet: true }, { progress: "none" as const }])("%o shows nothing", async (globals) => {
  const { clock, screen, progress } = await readingOn({ isTTY: true }, globals);
  progress.see(read(1, 10));
  clock.advance(60_000);
  expect(screen.rows).toEqual([]);
});
