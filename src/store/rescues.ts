import type { Rescue } from "../ports/store.ts";

/** What several rescues came to. */
export function sumOfRescues(rescues: readonly Rescue[]): Rescue {
  return {
    jobs: rescues.reduce((sum, { jobs }) => sum + jobs, 0),
    inDoubtAtMost: rescues.reduce((sum, { inDoubtAtMost }) => sum + inDoubtAtMost, 0),
    inDoubt: rescues.flatMap(({ inDoubt }) => inDoubt),
  };
}
