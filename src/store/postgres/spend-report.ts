import type { GroupSpends, SpendReport } from "../../domain/spend.ts";
import { hourOf } from "../spend-sum.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const HOURS_PER_DAY = 24;

const usedIn = (where: string): string => `
  SELECT nullif(grp, '') AS "group", sum(tokens) AS tokens, sum(nano_usd) AS "nanoUsd"
  FROM {spend} WHERE ${where} GROUP BY grp ORDER BY grp COLLATE "C"`;
const doubtfulIn = (where: string): string => `
  SELECT grp AS "group", model, sum(calls) AS calls, sum(input_tokens) AS "inputTokens",
    sum(output_tokens) AS "outputTokens"
  FROM {doubts} WHERE ${where} GROUP BY grp, model ORDER BY grp, model`;
const OF_RUN = "run = @run";
/** A clock that was set back leaves hours in the future: they count, as nobody knows better. */
const SINCE = "hour >= @hour";

type Used = GroupSpends["used"][number];
type Doubtful = GroupSpends["inDoubt"][number];

const USED_BY_RUN = statement<{ run: number }, Used>(usedIn(OF_RUN));
const USED_SINCE = statement<{ hour: number }, Used>(usedIn(SINCE));
const DOUBTFUL_OF_RUN = statement<{ run: number }, Doubtful>(doubtfulIn(OF_RUN));
const DOUBTFUL_SINCE = statement<{ hour: number }, Doubtful>(doubtfulIn(SINCE));

/** What budgets go by. */
export async function spendOf(session: Session, run: number, wallMs: number): Promise<SpendReport> {
  const hour = hourOf(wallMs);
  return {
    wallMs,
    run: {
      used: await session.all(USED_BY_RUN, { run }),
      inDoubt: await session.all(DOUBTFUL_OF_RUN, { run }),
    },
    hour: await since(session, hour),
    day: await since(session, hour - (hour % HOURS_PER_DAY)),
  };
}

async function since(session: Session, hour: number): Promise<GroupSpends> {
  return {
    used: await session.all(USED_SINCE, { hour }),
    inDoubt: await session.all(DOUBTFUL_SINCE, { hour }),
  };
}
