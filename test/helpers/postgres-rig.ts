import pg from "pg";
import type { ClaimedJob } from "../../src/domain/job.ts";
import type { Store } from "../../src/ports/store.ts";
import { parseAddress } from "../../src/store/postgres/address.ts";
import { type OpenOptions, openStore } from "../../src/store/postgres/open.ts";
import { Spool } from "../../src/store/spool.ts";
import { afterTest } from "./after-test.ts";
import { ManualClock } from "./manual-clock.ts";
import { seeded } from "./seeded.ts";

let schemas = 0;

/** The address of a fresh schema. */
function freshSchema(url: string, { pooler }: Parameters): string {
  schemas += 1;
  const address = new URL(url);
  address.searchParams.set("schema", `t_${process.pid}_${Date.now().toString(36)}_${schemas}`);
  if (pooler !== undefined) address.searchParams.set("pooler", pooler);
  return address.href;
}

/** Of an address. */
interface Parameters {
  pooler?: string;
}

/** A job table in a PostgreSQL schema of its own; stores opened through it are closed after the test. */
export class PostgresRig {
  readonly clock = new ManualClock();
  readonly address: string;
  readonly random = seeded(1);

  constructor(url: string, parameters: Parameters = {}) {
    this.address = freshSchema(url, parameters);
  }

  async open(options: Partial<OpenOptions> = {}): Promise<Store> {
    const { clock, random } = this;
    const address = parseAddress(this.address);
    const store = await openStore({ address, clock, random, mustExist: false, ...options });
    afterTest(() => store.close());
    return store;
  }

  spool(folder: string): Spool {
    const { identity } = parseAddress(this.address);
    return new Spool({ folders: [folder], database: identity, clock: this.clock });
  }

  async takeForDead(job: ClaimedJob): Promise<void> {
    const owner = await this.ownerOf(job);
    await this.#ask(
      (schema) => `UPDATE ${schema}.processes SET left_at = 1
        WHERE id = (SELECT process FROM ${schema}.owners WHERE id = $1) RETURNING id`,
      owner,
    );
  }

  ownerOf({ id }: ClaimedJob): Promise<number> {
    return this.#ask((schema) => `SELECT owner AS id FROM ${schema}.jobs WHERE id = $1`, id);
  }

  async #ask(sql: (schema: string) => string, id: number): Promise<number> {
    const { connection, schema } = parseAddress(this.address);
    const client = new pg.Client(connection);
    await client.connect();
    const { rows } = await client.query(sql(schema), [id]);
    await client.end();
    return Number(rows[0].id);
  }
}
