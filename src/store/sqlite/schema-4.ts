/** Why processes stopped before their runs were done. */
export const SCHEMA_4 = `
  -- JSON object of the reason; null where there is none on record.
  ALTER TABLE owners ADD COLUMN stop TEXT;
  -- Wall clock; null where the end of the entry says when.
  ALTER TABLE owners ADD COLUMN stopped_at INTEGER;
  CREATE INDEX owners_stopped ON owners (run) WHERE stop IS NOT NULL;
`;
