const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const CURLY = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** How far the start of a document is looked into for what holds its rows. */
const HEAD_BYTES = 4_096;
const BOM = /^\u00ef\u00bb\u00bf/;
const LIST = /^\s*\[/;
/** An Anthropic batch as its API takes it. */
const BATCH = /^\s*\{\s*"requests"\s*:\s*\[/;

/**
 * Makes JSON lines of a JSON document, as its bytes come in: each element of a list is one, and so is each request of a whole
 * Anthropic batch. Values that follow one another are a line each. What isn't JSON comes out as a line that isn't either.
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let splitter: Splitter | null = null;
  for await (const chunk of chunks) {
    if (splitter === null) {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
    }
    const bytes: Buffer = splitter === null ? head : chunk;
    splitter ??= new Splitter(head);
    yield splitter.split(bytes);
  }
  if (splitter === null) {
    splitter = new Splitter(head);
    yield splitter.split(head);
  }
  if (splitter.isOpen) yield Buffer.from("\n[");
}

/** Puts line ends where elements end, and takes out those that stand inside of them. */
class Splitter {
  /** Bytes before the first element. */
  #toSkip: number;
  readonly #isWrapped: boolean;
  /** Of brackets inside the elements. */
  #depth = 0;
  #inString = false;
  /** Whether the element has nothing but space so far. */
  #isBlank = true;
  /** Whether a comma says that there is an element. */
  #isDue = false;
  #isEscaped = false;
  /** The closing brackets of what is around the elements, the next one last. */
  readonly #around: number[];

  constructor(head: Buffer) {
    const text = head.toString("latin1");
    const bom = BOM.exec(text)?.[0].length ?? 0;
    const batch = BATCH.exec(text.slice(bom));
    const list = batch ?? LIST.exec(text.slice(bom));
    this.#toSkip = bom + (list?.[0].length ?? 0);
    this.#isWrapped = list !== null;
    this.#around = list === null ? [] : batch === null ? [CLOSING] : [CLOSING | CURLY, CLOSING];
  }

  /** Whether elements of a list may still follow. */
  get isOpen(): boolean {
    return this.#around.at(-1) === CLOSING;
  }

  split(chunk: Buffer): Buffer {
    const bytes = Buffer.from(chunk.subarray(this.#toSkip));
    this.#toSkip = 0;
    const parts: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const end = this.#see(bytes, at);
      if (end === 0) continue;
      parts.push(bytes.subarray(start, at + end - 1), Buffer.of(NEWLINE));
      start = at + 1;
    }
    return Buffer.concat([...parts, bytes.subarray(start)]);
  }

  /** 0 for a byte inside a line, 1 for one in whose place the line ends, 2 for one with which it ends. */
  #see(bytes: Buffer, at: number): 0 | 1 | 2 {
    const byte = bytes[at]!;
    if (this.#inString) {
      this.#seeInString(byte);
      return 0;
    }
    if (byte === NEWLINE || byte === RETURN) bytes[at] = SPACE;
    if (bytes[at] === SPACE || byte === TAB) return 0;
    if (byte === COMMA) return this.#depth === 0 && this.isOpen ? this.#separate() : 0;
    if ((byte & ~CURLY) === CLOSING) return this.#close(byte);
    if (byte === QUOTE) this.#inString = true;
    else if ((byte & ~CURLY) === OPENING) this.#depth++;
    this.#isBlank = false;
    return 0;
  }

  /** A comma without an element before it stays, so that it is told. */
  #separate(): 1 | 2 {
    const end = this.#isBlank ? 2 : 1;
    this.#isBlank = true;
    this.#isDue = true;
    return end;
  }

  #seeInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #close(byte: number): 0 | 1 | 2 {
    if (this.#depth > 0) {
      this.#depth--;
      return this.#depth === 0 && !this.#isWrapped ? 2 : 0;
    }
    if (byte !== this.#around.at(-1)) return 0;
    this.#around.pop();
    const isMissing = this.#isBlank && this.#isDue;
    this.#isDue = false;
    return isMissing ? 2 : 1;
  }
}
