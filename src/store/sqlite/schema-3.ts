/** The history of runs, for plots over time. */
export const SCHEMA_3 = `
  -- Of each length there are a few hundred spans at most: older ones are joined in pairs.
  CREATE TABLE history (
    run       INTEGER NOT NULL,
    length_ms INTEGER NOT NULL,
    -- Wall clock of the start.
    at        INTEGER NOT NULL,
    -- JSON object of counters, histograms, and how things stood at the end.
    span      TEXT NOT NULL,
    PRIMARY KEY (run, length_ms, at)
  ) STRICT, WITHOUT ROWID;
`;
