import type { ImportTable } from "../filled-run.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { InputRows } from "./input-rows.ts";
import type { RunRemoval } from "./run-removal.ts";

interface ImportParts {
  commits: GroupCommit;
  inputs: InputRows;
  removal: RunRemoval;
}

export function importTable({ commits, inputs, removal }: ImportParts): ImportTable {
  return {
    // Half an import is dropped in any case: what opens the run makes sure of its rows as well.
    insert: (batch) => commits.writeRelaxed(() => inputs.insert(batch)),
    open: (run, sources, isMixed) =>
      commits.write(() => {
        if (isMixed) inputs.refuseDefaultIdClash(run);
        inputs.open(run, sources);
      }),
    drop: (run) => removal.drop(run),
  };
}
