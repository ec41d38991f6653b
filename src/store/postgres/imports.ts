import { LlmBatchError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NewRun, RunImport } from "../../ports/import.ts";
import type { Random } from "../../ports/random.ts";
import { FilledRun } from "../filled-run.ts";
import { newRunId } from "../run-id.ts";
import { beingImported, type NewRunRow, newRunRow } from "../run-row.ts";
import type { GroupCommit } from "./group-commit.ts";
import { importTable } from "./import-table.ts";
import type { Ledger } from "./ledger.ts";
import type { Owners } from "./owners.ts";
import { IS_ALIVE, IS_SILENT } from "./processes.ts";
import type { RunRemoval } from "./run-removal.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const TWIN = statement<Pick<NewRun, "fingerprint" | "mayRepeat">, { id: string }>(`
  SELECT id FROM {runs} WHERE fingerprint = @fingerprint AND (state = 'importing' OR NOT @mayRepeat::boolean) LIMIT 1`);
const SILENT_TWIN = statement<{ fingerprint: string }, object>(`
  SELECT FROM {runs} JOIN {owners} ON owners.run = runs.number AND owners.ended_at IS NULL
    JOIN {processes} ON processes.id = owners.process
  WHERE runs.state = 'importing' AND runs.fingerprint = @fingerprint AND ${IS_SILENT}`);
/** One import of an input at a time: who asks next waits for the first one's answer. */
const LOCK = statement<{ fingerprint: string }, unknown>(
  "SELECT pg_advisory_xact_lock(hashtextextended('{runs} ' || @fingerprint, 0))",
);
const ABANDONED = statement<object, { number: number }>(`
  SELECT number FROM {runs} WHERE state = 'importing' AND NOT EXISTS (
    SELECT 1 FROM {owners} JOIN {processes} ON processes.id = owners.process
    WHERE owners.run = runs.number AND owners.ended_at IS NULL AND ${IS_ALIVE})`);
const INSERT = statement<NewRunRow, { number: number }>(`
  INSERT INTO {runs} (id, state, fingerprint, request, samples, options, sources, output, created_at)
  VALUES (@id, 'importing', @fingerprint, @request, @samples, @options, @sources, @output, @createdAt) RETURNING number`);

/** Longer than a dead process counts as alive. */
const SILENCE_MS = 20_000;
const LOOK_AGAIN_MS = 500;

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

  /** @throws LlmBatchError RUN_BEING_IMPORTED where a live process is at it, or was done with it a moment ago. */
  async begin(run: NewRun): Promise<RunImport> {
    const { clock, random } = this.#parts;
    // Those that stay are being imported by the living.
    await this.dropAbandoned();
    const target = { id: newRunId(random), createdAt: clock.wall() };
    const number = await this.#enter(run, target);
    const filled = { run: number, samples: run.request.samples, sharing: run.sharing };
    return new FilledRun({ ...target, number }, run, importTable(filled, this.#parts));
  }

  /** A silent importer has died, or lost its connection a moment ago: soon it is known which. */
  async #enter(run: NewRun, target: { id: string; createdAt: number }): Promise<number> {
    const { owners, clock } = this.#parts;
    const until = clock.now() + SILENCE_MS;
    for (;;) {
      try {
        return await owners.joinNew((session) => insert(session, run, target));
      } catch (error) {
        const isSilent = isBeingImported(error) && (await this.#isTwinSilent(run));
        if (!isSilent || clock.now() >= until) throw error;
      }
      await new Promise<void>((resolve) => clock.timer(clock.now() + LOOK_AGAIN_MS, resolve));
      await this.dropAbandoned();
    }
  }

  async #isTwinSilent({ fingerprint }: NewRun): Promise<boolean> {
    const { commits } = this.#parts;
    return (await commits.write((session) => session.first(SILENT_TWIN, { fingerprint }))) !== undefined;
  }

  /** Drops runs whose import, or deletion, was cut off by the death of its process. */
  async dropAbandoned(): Promise<void> {
    const { commits, removal } = this.#parts;
    const abandoned = await commits.write((session) => session.all(ABANDONED, {}));
    for (const { number } of abandoned) await removal.drop(number);
  }
}

function isBeingImported(error: unknown): boolean {
  return error instanceof LlmBatchError && error.code === "RUN_BEING_IMPORTED";
}

async function insert(
  session: Session,
  run: NewRun,
  target: Pick<NewRunRow, "id" | "createdAt">,
): Promise<number> {
  const { fingerprint, mayRepeat } = run;
  await session.all(LOCK, { fingerprint });
  const twin = await session.first(TWIN, { fingerprint, mayRepeat });
  if (twin !== undefined) throw beingImported(twin.id);
  return (await session.first(INSERT, newRunRow(run, target)))!.number;
}
