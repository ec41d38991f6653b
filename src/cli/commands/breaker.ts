import { oneOf } from "../../config/parse.ts";
import { commandShared, viewShared } from "../../control/shared-breaker.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { EndpointRecord, Store } from "../../ports/store.ts";
import { choice } from "../choice.ts";
import type { CliContext, Invocation } from "../context.ts";
import { withReader, withStore } from "../session.ts";
import { table } from "../table.ts";

const ACTIONS = ["show", "open", "close", "reset"] as const;

/** `llm-batch breaker`: shows the breakers of the database, or moves one by hand. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  const action = choice("breaker", oneOf(...ACTIONS), args[0] ?? "show");
  if (action !== "show") await withStore(invocation, (store) => move(store, action, args[1], context));
  return withReader(invocation, async (store) => {
    print(await store.listEndpoints(), context, globals.json);
    return ExitCode.ok;
  });
}

async function move(
  store: Store,
  action: "open" | "close" | "reset",
  endpoint: unknown,
  { clock, random }: CliContext,
): Promise<void> {
  const { endpoint: name } = choose(await store.listEndpoints(), endpoint);
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

function print(endpoints: readonly EndpointRecord[], { stdout }: CliContext, json: boolean): void {
  const views = endpoints.map(({ endpoint, state }) => {
    const { state: phase = "unknown", retryAt = null, reason = null } = viewShared(state) ?? {};
    return {
      endpoint,
      state: phase,
      retry_at: retryAt === null ? null : new Date(retryAt).toISOString(),
      reason,
    };
  });
  if (json) {
    stdout.write(`${JSON.stringify(views)}\n`);
    return;
  }
  const rows = views.map((view) => [view.endpoint, view.state, view.retry_at ?? "", view.reason ?? ""]);
  stdout.write(table(["endpoint", "breaker", "next probe", "reason"], rows));
}
