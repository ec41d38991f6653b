import type { ImportTable } from "../filled-run.ts";
import type { InputBatch } from "../input-batch.ts";
import { isUniqueViolation } from "./database-error.ts";
import type { GroupCommit } from "./group-commit.ts";
import { duplicateIn, insertRows, openRun, refuseDefaultIdClash } from "./input-rows.ts";
import type { Ledger } from "./ledger.ts";
import { TELL_NEWS } from "./news.ts";
import type { RunRemoval } from "./run-removal.ts";

interface ImportParts {
  commits: GroupCommit;
  ledger: Ledger;
  removal: RunRemoval;
}

export function importTable({ commits, ledger, removal }: ImportParts): ImportTable {
  return {
    insert: (batch) => insert(commits, ledger, batch),
    open: (run, sources, isMixed) =>
      commits.write(
        async (session) => {
          if (isMixed) await refuseDefaultIdClash(session, run);
          await openRun(session, run, sources);
          await session.execute(TELL_NEWS);
        },
        { isLong: true },
      ),
    drop: (run) => removal.drop(run),
  };
}

async function insert(commits: GroupCommit, { tallies }: Ledger, batch: InputBatch): Promise<void> {
  try {
    await commits.write((session) => insertRows(session, batch, tallies), { isLong: true });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw await commits.write((session) => duplicateIn(session, batch));
  }
}
