import type { GroupSpends, InDoubt, Spend, SpendReport } from "../../src/domain/spend.ts";

type Groups<T> = Readonly<Record<string, T>>;

/** Spend on record by group, and calls in doubt by group, `""` standing for none or for all of them. */
export function spends(used: Groups<Partial<Spend>> = {}, inDoubt: Groups<InDoubt> = {}): GroupSpends {
  const named = <T>(groups: Groups<T>) =>
    Object.entries(groups).map(([name, value]) => ({ group: name || null, ...value }));
  return {
    used: named(used).map((one) => ({ tokens: 0, nanoUsd: 0, ...one })),
    inDoubt: named(inDoubt),
  };
}

/** A report in which nothing is used, and what a test wants otherwise. */
export function spendReport(wanted: Partial<SpendReport> = {}): SpendReport {
  return { wallMs: 0, run: spends(), hour: spends(), day: spends(), ...wanted };
}
