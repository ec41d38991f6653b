/**
 * SQL with names in it: `@name` stands for a parameter, `{table}` for a table of our schema. Tables are always named in
 * full, since a search path that is set for a session doesn't hold behind a pooler.
 */
export interface Statement<Parameters, Row> {
  readonly name: string;
  readonly sql: string;
  /** Never there: what rows and parameters are is known to the compiler alone. */
  readonly types?: { parameters: Parameters; row: Row };
}

interface Compiled {
  text: string;
  names: readonly string[];
}

let made = 0;

export function statement<Parameters = Record<string, never>, Row = never>(
  sql: string,
): Statement<Parameters, Row> {
  made += 1;
  return { name: `llm_batch_${made}`, sql };
}

/** Statements in the form the server takes, for one schema. */
export class Compiler {
  readonly #schema: string;
  readonly #compiled = new Map<string, Compiled>();

  constructor(schema: string) {
    this.#schema = schema;
  }

  compile({ name, sql }: Statement<unknown, unknown>): Compiled {
    let compiled = this.#compiled.get(name);
    if (compiled === undefined) {
      compiled = this.#translate(sql);
      this.#compiled.set(name, compiled);
    }
    return compiled;
  }

  /** Only tables: for statements without parameters. */
  withTables(sql: string): string {
    return sql.replace(/\{(\w+)\}/g, (_, table: string) => `"${this.#schema}".${table}`);
  }

  #translate(sql: string): Compiled {
    const names: string[] = [];
    const text = this.withTables(sql).replace(/@(\w+)/g, (_, name: string) => {
      if (!names.includes(name)) names.push(name);
      return `$${names.indexOf(name) + 1}`;
    });
    return { text, names };
  }
}
