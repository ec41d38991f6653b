import type { ServerResponse } from "node:http";
import type { CancelTimer, Clock } from "../ports/clock.ts";

const EVERY_MS = 1_000;
/** How often a page is told that isn't looked at. */
const GLANCE_EVERY_MS = 15_000;
/** A database that is away is waited for, so that its answer may take minutes: what is shown stands still for so long at most. */
const LATE_MS = 5_000;
/** A reader that is behind by more than this gets the next state instead of every one. */
const MOST_WAITING_BYTES = 1_000_000;

/** After so many turns a beat is sent even if nothing has changed: pages do by it what they do from time to time. */
const TURNS_A_BEAT = 2;
const BEAT = "event: beat\ndata:\n\n";

/** Tells all open pages how the run stands, once a second while it changes; reads nothing while nobody looks. */
export class Feed {
  readonly #read: () => Promise<unknown>;
  readonly #clock: Clock;
  /** The open pages, each with the state that it was told last. */
  readonly #readers = new Map<ServerResponse, string>();
  #cancelTimer: CancelTimer | null = null;
  #cancelLate: CancelTimer = () => {};
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

  /** Tells a page that isn't looked at how the run stands, and no more: it asks again by itself. */
  async glance(response: ServerResponse): Promise<void> {
    const event = await this.#event();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`retry: ${GLANCE_EVERY_MS}\n${event}`);
  }

  close(): void {
    this.#stop();
    for (const reader of this.#readers.keys()) reader.end();
    this.#readers.clear();
  }

  #leave(reader: ServerResponse): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stop();
    this.#last = "";
  }

  #stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#cancelLate();
  }

  #next(): void {
    this.#cancelTimer = this.#clock.timer(this.#clock.now() + EVERY_MS, () => this.#tell());
  }

  async #tell(): Promise<void> {
    const turn = this.#cancelTimer;
    this.#cancelLate = this.#clock.timer(this.#clock.now() + LATE_MS, () => {
      if (this.#cancelTimer === turn) this.#send(troubleEvent("the database doesn't answer"));
    });
    const event = await this.#event();
    this.#cancelLate();
    // Meanwhile the last reader may have left and another one come, for which the feed has started again.
    if (this.#cancelTimer !== turn) return;
    this.#send(event);
    this.#turns += 1;
    if (this.#turns % TURNS_A_BEAT === 0) for (const reader of this.#keepingUp()) reader.write(BEAT);
    this.#next();
  }

  /** Tells how things stand to all who don't know it yet. */
  #send(event: string): void {
    this.#last = event;
    for (const reader of this.#keepingUp()) {
      if (this.#readers.get(reader) !== event) reader.write(event);
      this.#readers.set(reader, event);
    }
  }

  #keepingUp(): ServerResponse[] {
    return [...this.#readers.keys()].filter(({ writableLength }) => writableLength < MOST_WAITING_BYTES);
  }

  async #event(): Promise<string> {
    try {
      return `event: state\ndata: ${JSON.stringify(await this.#read())}\n\n`;
    } catch (error) {
      return troubleEvent((error as Error).message);
    }
  }
}

function troubleEvent(what: string): string {
  return `event: trouble\ndata: ${JSON.stringify(what)}\n\n`;
}
