import type { Duplex } from "node:stream";
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

  /** COPY … FROM STDIN. The pieces are taken as the server takes them. */
  copy(sql: string, pieces: Iterable<Buffer>): Promise<void> {
    return new Promise((resolve, reject) => {
      const copy = new CopyIn(this.#compiler.withTables(sql), pieces, resolve, reject);
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
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A COPY in the form in which pg runs queries: that is all of pg-copy-streams that is needed for data at hand. */
class CopyIn {
  readonly #text: string;
  readonly #pieces: Iterator<Buffer>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #isRefused = false;

  constructor(text: string, pieces: Iterable<Buffer>, resolve: () => void, reject: (error: unknown) => void) {
    this.#text = text;
    this.#pieces = pieces[Symbol.iterator]();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: CopyConnection): null {
    connection.query(this.#text);
    return null;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#send(connection);
  }

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#isRefused = true;
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  /** What the server has no room for yet would add up here. */
  #send(connection: CopyConnection): void {
    while (!this.#isRefused) {
      if (connection.stream.writableNeedDrain) {
        connection.stream.once("drain", () => this.#send(connection));
        return;
      }
      const { done, value } = this.#pieces.next();
      if (done) {
        connection.endCopyFrom();
        return;
      }
      connection.sendCopyFromChunk(value);
    }
  }
}
