import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const onPostgres = process.env.LLM_BATCH_TEST_DB === "postgres";

/** Short files last, so that no worker is left alone with a long one: by itself Vitest goes by their bytes. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShort = ({ moduleId }: TestSpecification): number =>
      Number(moduleId.includes("/test/unit/") && !moduleId.includes("/unit/store/postgres/"));
    return (await super.sort(files)).toSorted((a, b) => isShort(a) - isShort(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/faults/**", "test/bench/**"],
    // The tests of the whole program, and the whole of the contract, on PostgreSQL: `npm run test:postgres`.
    globalSetup: onPostgres ? ["test/helpers/global-postgres.ts"] : [],
    setupFiles: ["test/helpers/clean-up.ts", ...(onPostgres ? ["test/helpers/skip-sqlite-only.ts"] : [])],
    pool: "forks",
    // A process of its own for each of 190 files took a third of the CPU of the short ones.
    isolate: false,
    // Two cores are kept busy by five: those of the whole program wait for processes, timers and disks.
    maxWorkers: 5,
    sequence: { sequencer: LongFirst },
    // What is waited for comes when the machine has time for it.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
