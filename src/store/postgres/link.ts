import type { Duplex } from "node:stream";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Address } from "./address.ts";
import { type Client, type Driver, typesOf } from "./driver.ts";
import { Session } from "./session.ts";
import { Compiler, statement } from "./statement.ts";

/** An idle connection through a firewall is kept open, and a peer that is gone is noticed. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** How long a server may take to close a connection. */
const FAREWELL_MS = 1_000;

/**
 * What a role may have been given for other programs. Compiling takes a tenth of a second, and every statement of ours a few
 * milliseconds: of a long run the planner thinks otherwise, since it can't know how few rows are asked for. Our waits have
 * bounds of our own, and who waits for a lock has answers in hand that are paid for.
 */
const SETTINGS = `
  SET jit = off; SET statement_timeout = 0; SET lock_timeout = 0; SET default_transaction_isolation = 'read committed'`;
const BACKEND = statement<object, { pid: number }>("SELECT pg_backend_pid() AS pid");

interface LinkOptions {
  address: Address;
  driver: Driver;
  clock: Clock;
  name: string;
  /** Told when the server has news for who listens. */
  onNotice?(): void;
  /** What is done on each new connection before it is used. */
  prepare(session: Session, isPooled: boolean): Promise<void>;
}

/** One connection, used by one at a time; opened when it is needed, and anew after it was lost. */
export class Link {
  readonly #options: LinkOptions;
  readonly #compiler: Compiler;
  #open: { client: Client; session: Session } | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #opened = 0;
  #openedAt = Number.NEGATIVE_INFINITY;
  #closed = false;
  /** How long any use may take. */
  #mostMs = Number.POSITIVE_INFINITY;
  /** Sets the bound of the use that is under way. */
  #bound: ((withinMs: number) => void) | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#compiler = new Compiler(options.address.schema);
  }

  /** When it was opened again after it was lost, on the monotonic clock; minus infinity where it never was. */
  get reopenedAt(): number {
    return this.#opened > 1 ? this.#openedAt : Number.NEGATIVE_INFINITY;
  }

  /**
   * @param withinMs how long it may take before the server is taken to be gone; null for work that may be long
   * @throws what the driver throws; a connection that was lost is opened anew by the next use.
   */
  use<T>(work: (session: Session) => Promise<T>, withinMs: number | null = null): Promise<T> {
    const used = this.#queue.then(async () => {
      const { client, session } = await this.#connected();
      const cancels: CancelTimer[] = [];
      this.#bound = (mostMs) => cancels.push(this.#giveUpAfter(client, mostMs));
      this.#bound(Math.min(withinMs ?? Number.POSITIVE_INFINITY, this.#mostMs));
      return work(session).finally(() => {
        this.#bound = null;
        for (const cancel of cancels) cancel();
      });
    });
    this.#queue = used.catch(() => {});
    return used;
  }

  /** From now no use takes longer than so much more, the one that is under way included. */
  hurry(withinMs: number): void {
    this.#mostMs = withinMs;
    this.#bound?.(withinMs);
  }

  /** A transaction that reads: all of it sees one state of the database. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.use(async (session) => {
      await session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      try {
        const value = await work(session);
        await session.execute("COMMIT");
        return value;
      } catch (error) {
        await session.execute("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
    if (this.#open === null) return;
    const { client } = this.#open;
    this.#open = null;
    const cancel = this.#giveUpAfter(client, FAREWELL_MS);
    await client.end().catch(() => {});
    cancel();
  }

  /** A server that vanished without a word would be waited for until the system's own timeout, a quarter of an hour. */
  #giveUpAfter(client: Client, withinMs: number): CancelTimer {
    const { clock } = this.#options;
    if (withinMs === Number.POSITIVE_INFINITY) return () => {};
    return clock.timer(clock.now() + withinMs, () => {
      (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();
    });
  }

  async #connected(): Promise<{ client: Client; session: Session }> {
    if (this.#closed) throw new Error("the store is closed");
    this.#open ??= await this.#connect();
    return this.#open;
  }

  async #connect(): Promise<{ client: Client; session: Session }> {
    const { address, driver, name, clock, prepare } = this.#options;
    const client = new driver.Client({
      connectionString: address.connection,
      application_name: `llm-batch ${name}`,
      ...(address.tls !== null && { ssl: address.tls }),
      connectionTimeoutMillis: address.connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      types: typesOf(driver),
    });
    const lose = (): void => {
      if (this.#open?.client === client) this.#open = null;
    };
    client.on("error", lose);
    client.on("end", lose);
    client.on("notification", () => this.#options.onNotice?.());
    try {
      await client.connect();
      const isPooled = address.pooler ?? (await isBehindPooler(client, this.#compiler));
      const session = new Session(client, this.#compiler, { prepares: !isPooled });
      if (!isPooled) await session.execute(SETTINGS);
      await prepare(session, isPooled);
      this.#opened += 1;
      this.#openedAt = clock.now();
      return { client, session };
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
  }
}

/** A pooler gives a key of its own, and not the number of the process that serves us. */
async function isBehindPooler(client: Client, compiler: Compiler): Promise<boolean> {
  const session = new Session(client, compiler, { prepares: false });
  const backend = await session.first(BACKEND, {});
  return backend?.pid !== (client as unknown as { processID: number | null }).processID;
}
