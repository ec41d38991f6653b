import { isUtf8 } from "node:buffer";

export interface OracleRecord {
  /** 1-based line on which it starts. */
  line: number;
  fields: string[];
  isUtf8: boolean;
}

/** What a file holds; `brokenAt` is the line of the record at which it can't be read on. */
export interface OracleTable {
  records: OracleRecord[];
  brokenAt: number | null;
}

class Broken extends Error {}

/** RFC 4180, byte by byte, and nothing else: slow, and easy to check by eye. */
export class CsvOracle {
  /** One character for each byte. */
  readonly #text: string;
  readonly #delimiter: string;
  readonly #allowsStrayQuotes: boolean;
  #at = 0;

  /** TSV takes a quote within a field as it stands. */
  constructor(file: Buffer, format: "csv" | "tsv") {
    this.#text = file.toString("latin1").replace(/^\xef\xbb\xbf/, "");
    this.#delimiter = format === "csv" ? "," : "\t";
    this.#allowsStrayQuotes = format === "tsv";
  }

  read(): OracleTable {
    const records: OracleRecord[] = [];
    while (this.#at < this.#text.length) {
      const start = this.#at;
      const line = this.#text.slice(0, start).split("\n").length;
      try {
        const fields = this.#record();
        const bytes = Buffer.from(this.#text.slice(start, this.#at), "latin1");
        records.push({ line, fields: fields.map(decode), isUtf8: isUtf8(bytes) });
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        return { records, brokenAt: line };
      }
    }
    return { records, brokenAt: null };
  }

  #record(): string[] {
    const fields: string[] = [];
    do fields.push(this.#field());
    while (this.#skip(this.#delimiter));
    if (!this.#skip("\n")) this.#skip("\r\n");
    return fields;
  }

  #field(): string {
    if (!this.#skip('"')) return this.#plain();
    const quoted = this.#quoted();
    if (this.#ends()) return quoted;
    // csv-parse lets this one character pass.
    if (this.#text[this.#at] === "\0") return quoted + this.#plain();
    if (!this.#allowsStrayQuotes) throw new Broken("text follows a closing quote");
    return `"${quoted}"${this.#plain()}`;
  }

  #plain(): string {
    let field = "";
    while (!this.#ends()) {
      const char = this.#text[this.#at++]!;
      if (char === '"' && !this.#allowsStrayQuotes) throw new Broken("a quote stands inside a field");
      field += char;
    }
    return field;
  }

  #quoted(): string {
    let field = "";
    while (this.#at < this.#text.length) {
      if (this.#skip('""')) field += '"';
      else if (this.#skip('"')) return field;
      else field += this.#text[this.#at++];
    }
    throw new Broken("a quote is never closed");
  }

  #ends(): boolean {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    return rest === "" || rest.startsWith(this.#delimiter) || rest.startsWith("\n") || rest === "\r\n";
  }

  #skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function decode(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
