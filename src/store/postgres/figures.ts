import { FINEST_MS } from "../../domain/history.ts";
import type { RunFigures } from "../../domain/run.ts";
import { paceOf } from "../history-spans.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import { countedFigures, type Presence, recentMinutes, recentSpanMs } from "../run-figures.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const TALLIES = statement<{ run: number }, { name: string; value: number }>(
  "SELECT name, sum(value) AS value FROM {tallies} WHERE run = @run GROUP BY name",
);
const IN_DOUBT = statement<{ run: number }, RunFigures["in_doubt"][number]>(`
  SELECT model, sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
  FROM {doubts} WHERE run = @run AND grp IS NULL GROUP BY model ORDER BY model`);
const PRESENCES = statement<{ run: number; startMs: number }, Presence>(`
  SELECT started_at AS "startedAt", ended_at AS "endedAt"
  FROM {owners} WHERE run = @run AND (ended_at IS NULL OR ended_at >= @startMs)`);
const NEWEST_SPAN = statement<{ run: number; lengthMs: number }, { span: string }>(
  "SELECT span FROM {history} WHERE run = @run AND length_ms = @lengthMs ORDER BY at DESC LIMIT 1",
);
const EXAMPLE = statement<KeyRange & { code: string }, { id: string; message: string }>(`
  SELECT coalesce(inputs.key, 'row-' || (inputs.id & 4294967295))
      || CASE WHEN runs.samples > 1 THEN '#' || jobs.sample ELSE '' END AS id,
    jobs.error_message AS message
  FROM {jobs} JOIN {inputs} ON inputs.id = jobs.input JOIN {runs} ON runs.number = inputs.run
  WHERE jobs.state = 'failed' AND jobs.error_code = @code AND jobs.id BETWEEN @first AND @last
  ORDER BY jobs.id LIMIT 1`);

/** A run's figures from its tallies: as quick for a million rows as for one. */
export async function figuresOf(session: Session, run: number, wallMs: number): Promise<RunFigures> {
  const tallies = await session.all(TALLIES, { run });
  const counters = new Map(tallies.map(({ name, value }) => [name, value]));
  const { failures, ...counted } = countedFigures(counters);
  const examples: RunFigures["failures"][number][] = [];
  for (const { code, count } of failures) {
    const example = (await session.first(EXAMPLE, { ...keyRange(run), code })) ?? null;
    examples.push({ code, count, example });
  }
  return {
    ...counted,
    in_doubt: await session.all(IN_DOUBT, { run }),
    failures: examples,
    recent: await recentOf(session, run, { counters, wallMs }),
    pace: paceOf(await session.first(NEWEST_SPAN, { run, lengthMs: FINEST_MS })),
  };
}

async function recentOf(
  session: Session,
  run: number,
  { counters, wallMs }: { counters: ReadonlyMap<string, number>; wallMs: number },
): Promise<RunFigures["recent"]> {
  const { names, startMs } = recentMinutes(wallMs);
  const sum = (what: string): number =>
    names.reduce((all, minute) => all + (counters.get(`minute.${minute}.${what}`) ?? 0), 0);
  return {
    spanMs: recentSpanMs(await session.all(PRESENCES, { run, startMs }), startMs, wallMs),
    requests: sum("requests"),
    tokens: sum("tokens"),
  };
}
