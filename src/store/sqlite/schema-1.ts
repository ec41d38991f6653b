/** The first released schema: it never changes. */
export const SCHEMA_1 = `
  CREATE TABLE runs (
    -- AUTOINCREMENT: the number of a deleted run is never given to another.
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    -- 'importing' also marks a run that is being deleted: either way it is dropped when nobody works on it.
    state       TEXT NOT NULL CHECK (state IN ('importing', 'open', 'finished', 'cancelled')),
    fingerprint TEXT NOT NULL,
    path        TEXT,
    request     TEXT NOT NULL,
    options     TEXT NOT NULL,
    sources     TEXT NOT NULL,
    output      TEXT,
    written     TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
  ) STRICT;

  -- The models that rows of a run name themselves; null stands for the run's own.
  CREATE TABLE lanes (
    id    INTEGER PRIMARY KEY,
    run   INTEGER NOT NULL,
    model TEXT
  ) STRICT;
  CREATE INDEX lanes_by_run ON lanes (run, model);

  CREATE TABLE inputs (
    id     INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL,
    source INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    -- Null stands for 'row-N', N being the ordinal in the id.
    key    TEXT,
    row    TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX inputs_by_key ON inputs (run, key) WHERE key IS NOT NULL;

  CREATE TABLE jobs (
    id            INTEGER PRIMARY KEY,
    -- Null for a row that is no valid request: it can never be sent.
    lane          INTEGER,
    input         INTEGER NOT NULL,
    sample        INTEGER NOT NULL DEFAULT 1,
    -- One of JOB_STATES. A CHECK of it took a fifth of the time of claiming and recording.
    state         TEXT NOT NULL,
    attempt       INTEGER NOT NULL DEFAULT 0,
    failures      INTEGER NOT NULL DEFAULT 0,
    forgiven      INTEGER NOT NULL DEFAULT 0,
    crashes       INTEGER NOT NULL DEFAULT 0,
    available_at  INTEGER NOT NULL DEFAULT 0,
    owner         INTEGER,
    error_code    TEXT,
    error_message TEXT
  ) STRICT;
  -- SQLite ends every index entry with the id, so these are in the order of the input.
  CREATE INDEX jobs_fresh ON jobs (lane) WHERE state = 'pending' AND available_at = 0;
  CREATE INDEX jobs_delayed ON jobs (lane, available_at) WHERE state = 'pending' AND available_at > 0;
  CREATE INDEX jobs_running ON jobs (owner) WHERE state = 'running';
  CREATE INDEX jobs_failed ON jobs (error_code) WHERE state = 'failed';

  -- Insert only, one row for each succeeded job.
  CREATE TABLE results (
    job                 INTEGER PRIMARY KEY REFERENCES jobs (id),
    attempt             INTEGER NOT NULL,
    http_status         INTEGER,
    request_id          TEXT,
    output              TEXT NOT NULL,
    model               TEXT,
    finish_reason       TEXT,
    input_tokens        INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens       INTEGER NOT NULL,
    cost_usd            REAL,
    sent_at             INTEGER NOT NULL,
    latency_ms          INTEGER NOT NULL,
    wait_ms             INTEGER NOT NULL,
    finished_at         INTEGER NOT NULL,
    -- Last: what comes after a long text is slow to reach.
    response            TEXT
  ) STRICT;

  -- Append only: attempts that did not become a result.
  CREATE TABLE attempts (
    id             INTEGER PRIMARY KEY,
    job            INTEGER NOT NULL REFERENCES jobs (id),
    attempt        INTEGER NOT NULL,
    owner          INTEGER,
    kind           TEXT NOT NULL,
    code           TEXT NOT NULL,
    message        TEXT NOT NULL,
    http_status    INTEGER,
    request_id     TEXT,
    sent_at        INTEGER,
    latency_ms     INTEGER,
    retry_after_ms INTEGER,
    -- 1 while the attempt uses up one of the job's failures; 0 once that was given back.
    counted        INTEGER NOT NULL,
    response       TEXT
  ) STRICT;
  CREATE INDEX attempts_by_job ON attempts (job);

  -- Counters, changed in the transaction of what they count.
  CREATE TABLE tallies (
    run   INTEGER NOT NULL,
    name  TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT, WITHOUT ROWID;

  -- One row for each run a process works on.
  CREATE TABLE owners (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The lock file it holds while it lives; null once another process has taken that over.
    slot        INTEGER,
    run         INTEGER NOT NULL,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    -- Null until it takes jobs.
    concurrency INTEGER,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER
  ) STRICT;
  CREATE INDEX owners_alive ON owners (run) WHERE ended_at IS NULL;

  CREATE TABLE endpoints (
    endpoint   TEXT PRIMARY KEY,
    state      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
`;
