import { describe, test } from "vitest";
import { FUZZES } from "./all.ts";

/** `npm run test:fuzz` goes on for longer. */
const RUNS = 300;

describe("whatever the input", () => {
  test.each(Object.entries(FUZZES))("%s", async (_, fuzz) => {
    await fuzz({ numRuns: RUNS });
  });
});
