import type { Ending } from "../../domain/ending.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import { attemptFailed, describeNews } from "./describe.ts";
import { EVENT_VERSION, type EventBody } from "./event.ts";
import type { LaneNews } from "./lane-news.ts";
import type { LineWriter } from "./line-writer.ts";
import { rowDoneFields } from "./row-done.ts";

interface EventLogOptions {
  run: string;
  clock: Clock;
  /** Each gets every line; with none the log is off and costs nothing. */
  writers: readonly LineWriter[];
  /** The one among them that also gets details. */
  detailed: LineWriter | null;
}

/** Makes lines of JSON of a run's events. */
export class EventLog {
  readonly #options: EventLogOptions;
  /** As JSON. */
  readonly #run: string;
  /** The time of the last line, and how it began: lines come many in a millisecond. */
  #at = Number.NaN;
  #head = "";

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#run = JSON.stringify(options.run);
  }

  /** Whether anybody wants the events. */
  get isOn(): boolean {
    return this.#options.writers.length > 0;
  }

  see(news: RunEvent | LaneNews): void {
    if (!this.isOn) return;
    if (news.type === "recorded") this.#ended(news.ending);
    else for (const body of describeNews(news, this.#options.clock)) this.write(body);
  }

  write(body: EventBody): void {
    this.#tell(fieldsOf(body));
  }

  /** Writes what only a close look at a run asks for. */
  detail(body: EventBody): void {
    this.#options.detailed?.write(this.#headNow() + fieldsOf(body));
  }

  /** Hands on what has gathered: for a process that ends at once. */
  flush(): void {
    for (const writer of this.#options.writers) writer.flush();
  }

  /** Resolves when every line is written, or can't be. */
  async close(): Promise<void> {
    await Promise.all(this.#options.writers.map((writer) => writer.close()));
  }

  /** The last failure of a row is told twice: as that of a call, and as the row's. */
  #ended(ending: Ending): void {
    const { state } = ending.decision;
    if (state !== "succeeded") this.write(attemptFailed(ending));
    if (state !== "pending") this.#tell(rowDoneFields(ending));
  }

  /** @param fields as JSON, with the closing brace: an object made of both parts costs five times as much as to join them as text */
  #tell(fields: string): void {
    const line = this.#headNow() + fields;
    for (const writer of this.#options.writers) writer.write(line);
  }

  #headNow(): string {
    const at = this.#options.clock.wall();
    if (at !== this.#at) {
      this.#at = at;
      this.#head = `{"v":${EVENT_VERSION},"ts":"${new Date(at).toISOString()}","run":${this.#run},`;
    }
    return this.#head;
  }
}

/** An event as JSON, without its opening brace. */
function fieldsOf(body: EventBody): string {
  return JSON.stringify(body).slice(1);
}
