import { defineConfig } from "vitest/config";

const onPostgres = process.env.LLM_BATCH_TEST_DB === "postgres";

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
    maxWorkers: 3,
    // What is waited for comes when the machine has time for it.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
