import type { Client } from "./driver.ts";
import { toKept } from "./kept-text.ts";
import type { Compiler, Statement } from "./statement.ts";

interface Answer {
  rows: unknown[];
  rowCount: number | null;
}

/** Statements on one connection. */
export class Session {
  readonly #client: Client;
  readonly #compiler: Compiler;
  /** Whether the server keeps prepared statements for us: not behind a pooler. */
  readonly #prepares: boolean;

  constructor(client: Client, compiler: Compiler, { prepares }: { prepares: boolean }) {
    this.#client = client;
    this.#compiler = compiler;
    this.#prepares = prepares;
  }

  async all<P extends object, Row>(statement: Statement<P, Row>, parameters: P): Promise<Row[]> {
    return (await this.#query(statement, parameters)).rows as Row[];
  }

  async first<P extends object, Row>(statement: Statement<P, Row>, parameters: P): Promise<Row | undefined> {
    return (await this.all(statement, parameters))[0];
  }

  /** Rows as arrays. */
  async arrays<P extends object, Row>(statement: Statement<P, Row>, parameters: P): Promise<Row[]> {
    return (await this.#query(statement, parameters, "array")).rows as Row[];
  }

  /** @returns how many rows were changed */
  async run<P extends object>(statement: Statement<P, unknown>, parameters: P): Promise<number> {
    return (await this.#query(statement, parameters)).rowCount ?? 0;
  }

  /** SQL without parameters; several statements may follow each other. */
  async execute(sql: string): Promise<void> {
    await this.#client.query(this.#compiler.withTables(sql));
  }

  /** COPY … FROM STDIN of rows that are at hand. */
  copy(sql: string, data: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const copy = new CopyIn(this.#compiler.withTables(sql), data, resolve, reject);
      this.#client.query(copy as never);
    });
  }

  #query<P>(statement: Statement<P, unknown>, parameters: P, rowMode?: "array"): Promise<Answer> {
    const { text, names } = this.#compiler.compile(statement as Statement<unknown, unknown>);
    const values = names.map((name) => kept((parameters as Record<string, unknown>)[name]));
    const name = this.#prepares ? { name: statement.name } : {};
    const query = { text, values, ...name, ...(rowMode && { rowMode }) };
    return this.#client.query(query as never) as unknown as Promise<Answer>;
  }
}

function kept(value: unknown): unknown {
  if (typeof value === "string") return toKept(value);
  return Array.isArray(value) ? value.map(kept) : value;
}

/** What of pg's connection a COPY needs. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A COPY in the form in which pg runs queries: that is all of pg-copy-streams that is needed for data at hand. */
class CopyIn {
  readonly #text: string;
  readonly #data: Buffer;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;

  constructor(text: string, data: Buffer, resolve: () => void, reject: (error: unknown) => void) {
    this.#text = text;
    this.#data = data;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: CopyConnection): null {
    connection.query(this.#text);
    return null;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data);
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }
}
