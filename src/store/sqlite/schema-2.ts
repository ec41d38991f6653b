/** Samples, shared answers, charges, budgets, and answers that are asked for anew. */
export const SCHEMA_2 = `
  ALTER TABLE runs ADD COLUMN samples INTEGER NOT NULL DEFAULT 1;

  -- The fallback chain: 0 for the pool that gets every row first, n for the n-th to fall back on.
  ALTER TABLE lanes ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
  -- Whose budget the jobs count for; null without --budget-by.
  ALTER TABLE lanes ADD COLUMN grp TEXT;
  DROP INDEX lanes_by_run;
  CREATE INDEX lanes_by_run ON lanes (run, model, stage, grp);

  -- What recorded calls have used, in the transaction that records them.
  CREATE TABLE spend (
    -- 0 for runs that were deleted.
    run      INTEGER NOT NULL,
    -- Empty for rows of no group.
    grp      TEXT NOT NULL,
    -- Hours since 1970; 0 for everything older than two days.
    hour     INTEGER NOT NULL,
    tokens   INTEGER NOT NULL,
    nano_usd INTEGER NOT NULL,
    PRIMARY KEY (run, grp, hour)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spend_by_hour ON spend (hour);

  -- What died with a process and may have been used, at most: a row for each model, and for each group and model.
  CREATE TABLE doubts (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL,
    -- Null for all groups together.
    grp           TEXT,
    model         TEXT,
    hour          INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX doubts_by_run ON doubts (run);

  -- Nobody knows what was paid until now, nor for which model a call in doubt was.
  INSERT INTO spend (run, grp, hour, tokens, nano_usd)
  SELECT run, '', 0, sum(value), 0 FROM tallies WHERE name IN ('tokens.input', 'tokens.output') GROUP BY run;
  INSERT INTO tallies (run, name, value) SELECT run, 'cost.unknown', value FROM tallies WHERE name = 'attempts.succeeded';
  INSERT INTO doubts (run, grp, model, hour, calls, input_tokens, output_tokens)
  SELECT run, NULL, (SELECT model FROM lanes WHERE lanes.run = tallies.run ORDER BY id LIMIT 1), 0, value, 0, 0
  FROM tallies WHERE name = 'attempts.in_doubt' AND value > 0;

  -- The estimate of what a call is charged at most; null for a row that can't be sent, or that is older than this schema.
  ALTER TABLE inputs ADD COLUMN input_tokens INTEGER;
  ALTER TABLE inputs ADD COLUMN output_tokens INTEGER;
  ALTER TABLE inputs ADD COLUMN request_hash BLOB;
  CREATE INDEX inputs_by_hash ON inputs (request_hash) WHERE request_hash IS NOT NULL;

  ALTER TABLE jobs ADD COLUMN invalid INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
  -- The job of the same request that this one follows; its lane is null then, for it is never sent itself.
  ALTER TABLE jobs ADD COLUMN twin INTEGER;
  CREATE INDEX jobs_twins ON jobs (twin) WHERE twin IS NOT NULL;

  ALTER TABLE attempts ADD COLUMN provider TEXT;

  ALTER TABLE results RENAME TO results_1;
  -- Insert only, one row for each succeeded job that is no twin.
  CREATE TABLE results (
    job                 INTEGER PRIMARY KEY REFERENCES jobs (id),
    -- 0 for an answer that was taken over from another run.
    attempt             INTEGER NOT NULL,
    http_status         INTEGER,
    input_tokens        INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    cache_write_tokens  INTEGER NOT NULL,
    output_tokens       INTEGER NOT NULL,
    reasoning_tokens    INTEGER NOT NULL,
    cost_usd            REAL,
    sent_at             INTEGER NOT NULL,
    latency_ms          INTEGER NOT NULL,
    wait_ms             INTEGER NOT NULL,
    finished_at         INTEGER NOT NULL,
    request_id          TEXT,
    model               TEXT,
    finish_reason       TEXT,
    service_tier        TEXT,
    provider            TEXT,
    -- JSON array of run id, row id and sample: the job of another run whose answer this is.
    answered_by         TEXT,
    -- Last: what comes after a long text is slow to reach.
    output              TEXT NOT NULL,
    response            TEXT
  ) STRICT;
  INSERT INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, output, response)
  SELECT job, attempt, http_status, input_tokens, cached_input_tokens, 0, output_tokens,
    0, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, output, response
  FROM results_1 ORDER BY job;
  DROP TABLE results_1;
`;
