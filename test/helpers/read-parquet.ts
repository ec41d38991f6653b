import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A list comes as an object that holds its items. */
type ParquetValue = string | number | bigint | { items: readonly unknown[] } | null;
export type ParquetRow = Record<string, ParquetValue>;

let connection: Promise<DuckDBConnection> | null = null;

/** Reads a Parquet file with DuckDB, which shares no code with the writer. INT64 comes as bigint. */
export async function readParquet(path: string): Promise<ParquetRow[]> {
  return (await query(`SELECT * FROM read_parquet(${quoted(path)})`)) as ParquetRow[];
}

/** Each column's SQL type, in the file's order. */
export async function parquetTypes(path: string): Promise<Record<string, string>> {
  const columns = await query(`DESCRIBE SELECT * FROM read_parquet(${quoted(path)})`);
  return Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]));
}

/** Rows in each row group. */
export async function rowGroups(path: string): Promise<number[]> {
  const groups = await query(
    `SELECT DISTINCT row_group_id, row_group_num_rows AS rows FROM parquet_metadata(${quoted(path)}) ORDER BY 1`,
  );
  return groups.map(({ rows }) => Number(rows));
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  connection ??= DuckDBInstance.create(":memory:").then((instance) => instance.connect());
  const reader = await (await connection).runAndReadAll(sql);
  return reader.getRowObjects();
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
