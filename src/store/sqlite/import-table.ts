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
    insert: (batch) => commits.write(() => inputs.insert(batch)),
    open: (run, sources, isMixed) =>
      commits.write(() => {
        if (isMixed) inputs.refuseDefaultIdClash(run);
        inputs.open(run, sources);
      }),
    drop: (run) => removal.drop(run),
  };
}
