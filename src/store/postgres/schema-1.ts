/**
 * The first released schema: it never changes. It holds what SQLite's newest one holds, in the same columns; beside them
 * stand `processes`, since no lock file tells here who lives, and `part`, since rows that every process counts in would
 * make them wait for each other.
 *
 * Rows of `jobs` and `tallies` are changed again and again: the settings keep what that leaves behind to about a fifth.
 */
export const SCHEMA_1 = `
  CREATE TABLE {meta} (
    version     integer NOT NULL,
    migrated_at bigint NOT NULL
  );

  CREATE TABLE {runs} (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          text NOT NULL UNIQUE,
    -- 'importing' also marks a run that is being deleted: either way it is dropped when nobody works on it.
    state       text NOT NULL CHECK (state IN ('importing', 'open', 'finished', 'cancelled')),
    fingerprint text NOT NULL,
    path        text,
    request     text NOT NULL,
    samples     integer NOT NULL,
    options     text NOT NULL,
    sources     text NOT NULL,
    output      text,
    written     text,
    created_at  bigint NOT NULL,
    finished_at bigint
  );

  -- Where jobs stand in line: by the model rows name (null for none), the stage of the fallback chain, and the group.
  CREATE TABLE {lanes} (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run   bigint NOT NULL,
    model text,
    stage integer NOT NULL,
    grp   text
  );
  CREATE UNIQUE INDEX lanes_by_run ON {lanes}
    (run, stage, coalesce(model, ''), (model IS NULL), coalesce(grp, ''), (grp IS NULL));

  CREATE TABLE {inputs} (
    id            bigint PRIMARY KEY,
    run           bigint NOT NULL,
    source        integer NOT NULL,
    line          bigint NOT NULL,
    -- Null stands for 'row-N', N being the ordinal in the id.
    key           text,
    row           text NOT NULL,
    -- Of the row: to know it without reading the row.
    characters    integer NOT NULL,
    input_tokens  bigint,
    output_tokens bigint,
    request_hash  bytea
  );
  CREATE UNIQUE INDEX inputs_by_key ON {inputs} (run, key) WHERE key IS NOT NULL;
  CREATE INDEX inputs_by_hash ON {inputs} (request_hash) WHERE request_hash IS NOT NULL;

  CREATE TABLE {jobs} (
    id            bigint PRIMARY KEY,
    -- Null for a row that is no valid request, and for a twin: neither is ever sent.
    lane          bigint,
    input         bigint NOT NULL,
    sample        integer NOT NULL DEFAULT 1,
    state         text NOT NULL,
    attempt       integer NOT NULL DEFAULT 0,
    failures      integer NOT NULL DEFAULT 0,
    forgiven      integer NOT NULL DEFAULT 0,
    crashes       integer NOT NULL DEFAULT 0,
    invalid       integer NOT NULL DEFAULT 0,
    asks          integer NOT NULL DEFAULT 0,
    available_at  bigint NOT NULL DEFAULT 0,
    owner         bigint,
    twin          bigint,
    error_code    text,
    error_message text
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05);
  -- 'available_at' is in the order too, or the planner would go by the primary key, past all jobs that are done.
  CREATE INDEX jobs_fresh ON {jobs} (lane, available_at, id) WHERE state = 'pending' AND available_at <= 0;
  CREATE INDEX jobs_delayed ON {jobs} (lane, available_at, id) WHERE state = 'pending' AND available_at > 0;
  CREATE INDEX jobs_running ON {jobs} (owner) WHERE state = 'running';
  CREATE INDEX jobs_failed ON {jobs} (error_code) WHERE state = 'failed';
  CREATE INDEX jobs_twins ON {jobs} (twin) WHERE twin IS NOT NULL;

  -- Insert only, one row for each succeeded job that is no twin.
  CREATE TABLE {results} (
    job                 bigint PRIMARY KEY,
    -- 0 for an answer that was taken over from another run.
    attempt             integer NOT NULL,
    http_status         integer,
    input_tokens        bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    cache_write_tokens  bigint NOT NULL,
    output_tokens       bigint NOT NULL,
    reasoning_tokens    bigint NOT NULL,
    cost_usd            double precision,
    sent_at             bigint NOT NULL,
    latency_ms          bigint NOT NULL,
    wait_ms             bigint NOT NULL,
    finished_at         bigint NOT NULL,
    request_id          text,
    model               text,
    finish_reason       text,
    service_tier        text,
    provider            text,
    -- JSON array of run id, row id and sample: the job of another run whose answer this is.
    answered_by         text,
    -- To know how long the texts are without reading them.
    output_characters   bigint NOT NULL,
    response_characters bigint NOT NULL,
    output              text NOT NULL,
    response            text
  );

  -- Append only: attempts that did not become a result.
  CREATE TABLE {attempts} (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job            bigint NOT NULL,
    attempt        integer NOT NULL,
    owner          bigint,
    kind           text NOT NULL,
    code           text NOT NULL,
    message        text NOT NULL,
    http_status    integer,
    request_id     text,
    sent_at        bigint,
    latency_ms     bigint,
    retry_after_ms bigint,
    -- 1 while the attempt uses up one of the job's failures; 0 once that was given back.
    counted        integer NOT NULL,
    provider       text,
    response       text
  );
  CREATE INDEX attempts_by_job ON {attempts} (job);

  -- Counters, changed in the transaction of what they count; each is the sum of its parts.
  CREATE TABLE {tallies} (
    run   bigint NOT NULL,
    name  text NOT NULL,
    part  integer NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (run, name, part)
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0);

  -- What recorded calls have used, in the transaction that records them.
  CREATE TABLE {spend} (
    -- 0 for runs that were deleted.
    run      bigint NOT NULL,
    -- Empty for rows of no group.
    grp      text NOT NULL,
    -- Hours since 1970; 0 for everything older than two days.
    hour     bigint NOT NULL,
    part     integer NOT NULL,
    tokens   bigint NOT NULL,
    nano_usd bigint NOT NULL,
    PRIMARY KEY (run, grp, hour, part)
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0);
  CREATE INDEX spend_by_hour ON {spend} (hour);

  -- What died with a process and may have been used, at most: a row for each model, and for each group and model.
  CREATE TABLE {doubts} (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run           bigint NOT NULL,
    -- Null for all groups together.
    grp           text,
    model         text,
    hour          bigint NOT NULL,
    calls         bigint NOT NULL,
    input_tokens  bigint NOT NULL,
    output_tokens bigint NOT NULL
  );
  CREATE INDEX doubts_by_run ON {doubts} (run);

  -- Who works on this database. All times are the server's.
  CREATE TABLE {processes} (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host        text NOT NULL,
    pid         integer NOT NULL,
    -- Whether it holds the advisory lock of its id for as long as it lives.
    has_lock    boolean NOT NULL,
    -- The last transaction it knows to have written: tells whether a commit came through whose answer was lost.
    batch       bigint NOT NULL DEFAULT 0,
    beat_at     bigint NOT NULL,
    lease_until bigint NOT NULL,
    left_at     bigint
  ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);

  -- One row for each run a process works on.
  CREATE TABLE {owners} (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process     bigint NOT NULL,
    run         bigint NOT NULL,
    -- Null until it takes jobs.
    concurrency integer,
    started_at  bigint NOT NULL,
    ended_at    bigint
  );
  CREATE INDEX owners_alive ON {owners} (run) WHERE ended_at IS NULL;

  -- Of each length there are a few hundred spans at most: older ones are joined in pairs.
  CREATE TABLE {history} (
    run       bigint NOT NULL,
    length_ms bigint NOT NULL,
    -- Wall clock of the start.
    at        bigint NOT NULL,
    -- JSON object of counters, histograms, and how things stood at the end.
    span      text NOT NULL,
    PRIMARY KEY (run, length_ms, at)
  );

  CREATE TABLE {endpoints} (
    endpoint   text PRIMARY KEY,
    state      text NOT NULL,
    updated_at bigint NOT NULL
  ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
`;
