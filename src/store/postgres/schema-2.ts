/** Why processes stopped before their runs were done. */
export const SCHEMA_2 = `
  -- Entries of processes that have left are deleted, so what is told of them stands here; null in entries of version 1.
  ALTER TABLE {owners} ADD COLUMN host text, ADD COLUMN pid integer,
    -- JSON object of the reason; null where there is none on record.
    ADD COLUMN stop text,
    -- Wall clock; null where the end of the entry says when.
    ADD COLUMN stopped_at bigint;
  CREATE INDEX owners_stopped ON {owners} (run) WHERE stop IS NOT NULL;
`;
