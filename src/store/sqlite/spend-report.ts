import type { GroupSpends, Spend, SpendReport } from "../../domain/spend.ts";
import type { GroupDoubt } from "../doubtful.ts";
import { hourOf } from "../spend-sum.ts";
import type { Database } from "./driver.ts";

const HOURS_PER_DAY = 24;

const usedIn = (where: string): string => `
  SELECT nullif(grp, '') AS "group", sum(tokens) AS tokens, sum(nano_usd) AS nanoUsd
  FROM spend WHERE ${where} GROUP BY grp`;
const doubtfulIn = (where: string): string => `
  SELECT grp AS "group", model, sum(calls) AS calls, sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens
  FROM doubts WHERE ${where} GROUP BY grp, model`;
const OF_RUN = "run = ?";
/** A clock that was set back leaves hours in the future: they count, as nobody knows better. */
const SINCE = "hour >= ?";

type GroupSpend = Spend & { group: string | null };

/** Reads what budgets go by. */
export class SpendReports {
  readonly #usedByRun;
  readonly #usedSince;
  readonly #doubtfulOfRun;
  readonly #doubtfulSince;

  constructor(db: Database) {
    this.#usedByRun = db.prepare<[number], GroupSpend>(usedIn(OF_RUN));
    this.#usedSince = db.prepare<[number], GroupSpend>(usedIn(SINCE));
    this.#doubtfulOfRun = db.prepare<[number], GroupDoubt>(doubtfulIn(OF_RUN));
    this.#doubtfulSince = db.prepare<[number], GroupDoubt>(doubtfulIn(SINCE));
  }

  read(run: number, wallMs: number): SpendReport {
    const hour = hourOf(wallMs);
    return {
      wallMs,
      run: { used: this.#usedByRun.all(run), inDoubt: this.#doubtfulOfRun.all(run) },
      hour: this.#since(hour),
      day: this.#since(hour - (hour % HOURS_PER_DAY)),
    };
  }

  #since(hour: number): GroupSpends {
    return { used: this.#usedSince.all(hour), inDoubt: this.#doubtfulSince.all(hour) };
  }
}
