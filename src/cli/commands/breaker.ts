import { oneOf } from "../../config/parse.ts";
import { commandShared, viewShared } from "../../control/shared/breaker.ts";
import { type SharedLimiterView, usedUpQuota, viewSharedLimiter } from "../../control/shared/limiter.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import { endpointsOf } from "../../observe/endpoints.ts";
import type { EndpointRecord, Store } from "../../ports/store.ts";
import type { CliContext, Invocation } from "../context.ts";
import { choice } from "../program/choice.ts";
import { WAIT_WORDS } from "../progress/wait-text.ts";
import { withReader, withStore } from "../session/open-database.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span, textOf } from "../text/line.ts";
import type { Tone } from "../text/paint.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { type Column, tableLines } from "../text/table.ts";
import { comingText } from "../text/times.ts";
import { columnsOf } from "../text/width.ts";

const ACTIONS = ["show", "open", "close", "reset"] as const;

/** `llm-batch breaker`: shows the breakers of the database, or moves one by hand. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, args } = invocation;
  const action = choice("breaker", "action", oneOf(...ACTIONS), args[0] ?? "show");
  if (action !== "show") await withStore(invocation, (store) => move(store, action, args[1], context));
  return withReader(invocation, async (store) => {
    print(await store.listEndpoints(), invocation);
    return ExitCode.ok;
  });
}

async function move(
  store: Store,
  action: "open" | "close" | "reset",
  endpoint: unknown,
  { clock, random }: CliContext,
): Promise<void> {
  const record = choose(await store.listEndpoints(), endpoint);
  const { endpoint: name } = record;
  await store.updateEndpoint(name, (state) => {
    if (state === null) return null;
    const settings = { failures: 1, cooldownMs: 1, probes: 1, on429: false };
    return commandShared(state, action, {
      now: clock.now(),
      wall: clock.wall(),
      random,
      settings,
      maxConcurrency: 1,
    });
  });
  if (action !== "reset") return;
  const runs = (await store.listRuns()).filter(({ state }) => state === "open");
  // After the reset: a process that has taken it over finds the rows ready, and one that hasn't still holds them back.
  for (const run of runs) {
    const isCalled = endpointsOf(run, await store.models(run.id), [record]).length > 0;
    if (isCalled) await store.endWaits(run.id);
  }
}

/** The endpoint named, by a part of its name where only one fits, or the only one there is. */
function choose(endpoints: readonly EndpointRecord[], name: unknown): EndpointRecord {
  const matches = endpoints.filter(({ endpoint }) => name === undefined || endpoint.includes(String(name)));
  const exact = matches.find(({ endpoint }) => endpoint === name) ?? matches[0];
  if (exact && (matches.length === 1 || exact.endpoint === name)) return exact;
  const names = endpoints.map(({ endpoint }) => endpoint).join(", ");
  throw new LlmBatchError({
    code: "ENDPOINT_NOT_FOUND",
    message:
      name === undefined ? "which endpoint?" : `${matches.length} endpoints match ${JSON.stringify(name)}`,
    hint: names ? `name one of: ${names}` : "this database has called no endpoint yet",
  });
}

const toneOf = (state: string): Tone => (state === "closed" ? "good" : "notable");

/** Whole endpoints: their names are what `open`, `close` and `reset` take. */
const COLUMNS: readonly Column[] = [
  { title: "endpoint" },
  { title: "breaker", toneOf },
  { title: "next probe", rank: 1 },
  { title: "reason", isFlexible: true, rank: 2 },
];

function print(endpoints: readonly EndpointRecord[], { context, globals }: Invocation): void {
  const { stdout, clock } = context;
  const views = endpoints.map(({ endpoint, state }) => {
    const { state: phase = "unknown", retryAt = null, reason = null } = viewShared(state) ?? {};
    return { endpoint, state: phase, retryAt, reason, limiter: viewSharedLimiter(state) };
  });
  if (globals.json) {
    const records = views.map(({ endpoint, state, retryAt, reason }) => {
      return { endpoint, state, retry_at: retryAt === null ? null : new Date(retryAt).toISOString(), reason };
    });
    stdout.write(`${JSON.stringify(records)}\n`);
    return;
  }
  const now = clock.wall();
  const rows = views.map(({ endpoint, state, retryAt, reason, limiter }) => [
    endpoint,
    state,
    retryAt === null ? "-" : comingText(retryAt, now),
    reason ?? (limiter && limitText(limiter, now)) ?? "-",
  ]);
  const window = windowOf(stdout);
  const table = tableLines(COLUMNS, rows, window);
  const isWider = window !== null && table.some((line) => columnsOf(textOf(line)) >= window);
  printLines(stdout, isWider ? rows.flatMap((row) => stacked(row, window)) : table, context, globals);
}

/** A closed breaker lets calls through, and a limit may hold them back all the same; null while none does. */
function limitText({ blockedUntil, quotas }: SharedLimiterView, now: number): string | null {
  if (blockedUntil !== null && blockedUntil > now)
    return `refused by a limit, going on at ${comingText(blockedUntil, now)}`;
  const usedUp = usedUpQuota(quotas, now);
  return usedUp && `${WAIT_WORDS[usedUp.reason]} used up, going on at ${comingText(usedUp.until, now)}`;
}

/** What a row says, below each other. */
function stacked([endpoint = "", state = "", probe, reason]: readonly string[], window: number): Line[] {
  const below = [
    span(`  ${state}${probe === "-" ? "" : `, next probe ${probe}`}`, toneOf(state)),
    ...(reason === "-" ? [] : [span(`  ${reason}`)]),
  ];
  return [
    ...textLines([span(endpoint)], window),
    ...below.flatMap((line) => textLines([line], window, "    ")),
  ];
}
