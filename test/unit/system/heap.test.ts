import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = join(import.meta.dirname, "../../helpers/thread-heap.mjs");
const MB = 1024 * 1024;

/** V8 stops the growth of all threads at once: one that was small by then kept 67 MB of blocks that it had read. */
test("a thread's young generation doesn't depend on when ours has stopped growing", () => {
  const bytes = execFileSync(process.execPath, ["--import", "tsx", PROGRAM], { encoding: "utf8" });
  // The second half is there from the first collection on.
  expect(Number(bytes)).toBeGreaterThanOrEqual(4 * MB);
});
