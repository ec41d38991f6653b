import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { NewRun, RunImport } from "../../ports/store.ts";
import { newRunId } from "../run-id.ts";
import { beingImported } from "../run-row.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Ledger } from "./ledger.ts";
import type { Owners } from "./owners.ts";
import { IS_ALIVE } from "./processes.ts";
import { PostgresRunImport } from "./run-import.ts";
import type { RunRemoval } from "./run-removal.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const TWIN = statement<{ fingerprint: string }, { id: string }>(
  "SELECT id FROM {runs} WHERE state = 'importing' AND fingerprint = @fingerprint",
);
/** One import of an input at a time: who asks next waits for the first one's answer. */
const LOCK = statement<{ fingerprint: string }, unknown>(
  "SELECT pg_advisory_xact_lock(hashtextextended('{runs} ' || @fingerprint, 0))",
);
const ABANDONED = statement<object, { number: number }>(`
  SELECT number FROM {runs} WHERE state = 'importing' AND NOT EXISTS (
    SELECT 1 FROM {owners} JOIN {processes} ON processes.id = owners.process
    WHERE owners.run = runs.number AND owners.ended_at IS NULL AND ${IS_ALIVE})`);
const INSERT = statement<Inserted, { number: number }>(`
  INSERT INTO {runs} (id, state, fingerprint, request, samples, options, sources, output, created_at)
  VALUES (@id, 'importing', @fingerprint, @request, @samples, @options, '[]', @output, @createdAt) RETURNING number`);

interface Inserted {
  id: string;
  fingerprint: string;
  request: string;
  samples: number;
  options: string;
  output: string | null;
  createdAt: number;
}

interface ImportsParts {
  commits: GroupCommit;
  ledger: Ledger;
  owners: Owners;
  removal: RunRemoval;
  clock: Clock;
  random: Random;
}

/** Starts imports, and clears away those that died. */
export class Imports {
  readonly #parts: ImportsParts;

  constructor(parts: ImportsParts) {
    this.#parts = parts;
  }

  /** @throws LlmBatchError RUN_BEING_IMPORTED where a live process is at it. */
  async begin(run: NewRun): Promise<RunImport> {
    const { owners, clock, random } = this.#parts;
    // Those that stay are being imported by the living.
    await this.dropAbandoned();
    const target = { id: newRunId(random), createdAt: clock.wall() };
    const number = await owners.joinNew((session) => insert(session, run, target));
    return new PostgresRunImport({ ...target, number }, run, this.#parts);
  }

  /** Drops runs whose import, or deletion, was cut off by the death of its process. */
  async dropAbandoned(): Promise<void> {
    const { commits, removal } = this.#parts;
    const abandoned = await commits.write((session) => session.all(ABANDONED, {}));
    for (const { number } of abandoned) await removal.drop(number);
  }
}

async function insert(
  session: Session,
  { fingerprint, request, options, output }: NewRun,
  target: { id: string; createdAt: number },
): Promise<number> {
  await session.all(LOCK, { fingerprint });
  const twin = await session.first(TWIN, { fingerprint });
  if (twin !== undefined) throw beingImported(twin.id);
  const row = {
    ...target,
    fingerprint,
    request: JSON.stringify(request),
    samples: request.samples,
    options: JSON.stringify(options),
    output,
  };
  return (await session.first(INSERT, row))!.number;
}
