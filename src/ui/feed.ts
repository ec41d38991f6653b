import type { ServerResponse } from "node:http";
import type { CancelTimer, Clock } from "../ports/clock.ts";

const EVERY_MS = 1_000;
/** A reader that is behind by more than this gets the next state instead of every one. */
const MOST_WAITING_BYTES = 1_000_000;

/** Every so many turns a beat is sent, whatever has changed: what pages do from time to time they do by it. */
const TURNS_A_BEAT = 2;
const BEAT = "event: beat\ndata:\n\n";

/** Tells all open pages how the run stands, once a second while it changes; reads nothing while nobody looks. */
export class Feed {
  readonly #read: () => Promise<unknown>;
  readonly #clock: Clock;
  /** The open pages, each with the state that it was told last. */
  readonly #readers = new Map<ServerResponse, string>();
  #cancelTimer: CancelTimer | null = null;
  #last = "";
  #turns = 0;

  constructor(read: () => Promise<unknown>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Sends server-sent events to a page until it goes away. */
  join(response: ServerResponse): void {
    // It may have gone before it was its turn.
    if (response.destroyed) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    // Where others look on already, what they were told last.
    if (this.#last !== "") response.write(this.#last);
    this.#readers.set(response, this.#last);
    response.on("close", () => this.#leave(response));
    if (this.#readers.size === 1) this.#next();
  }

  close(): void {
    this.#cancelTimer?.();
    for (const reader of this.#readers.keys()) reader.end();
    this.#readers.clear();
  }

  #leave(reader: ServerResponse): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#last = "";
  }

  #next(): void {
    this.#cancelTimer = this.#clock.timer(this.#clock.now() + EVERY_MS, () => this.#tell());
  }

  async #tell(): Promise<void> {
    const turn = this.#cancelTimer;
    const event = await this.#event();
    // Meanwhile the last reader may have left, and another one come, for whom it began anew.
    if (this.#cancelTimer !== turn) return;
    this.#last = event;
    this.#turns += 1;
    const hasBeat = this.#turns % TURNS_A_BEAT === 0;
    for (const [reader, told] of this.#readers) {
      if (reader.writableLength >= MOST_WAITING_BYTES) continue;
      if (told !== event) reader.write(event);
      this.#readers.set(reader, event);
      if (hasBeat) reader.write(BEAT);
    }
    this.#next();
  }

  async #event(): Promise<string> {
    try {
      return `event: state\ndata: ${JSON.stringify(await this.#read())}\n\n`;
    } catch (error) {
      return `event: trouble\ndata: ${JSON.stringify((error as Error).message)}\n\n`;
    }
  }
}
