import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { LlmBatchError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { ControlChange } from "./control.ts";
import { Engine } from "./engine.ts";
import { createRoutes } from "./routes.ts";
import type { SimulatorSettings } from "./settings.ts";
import type { PromptCount, SimulatorStats } from "./stats.ts";

export interface SimulatorOptions {
  clock: Clock;
  /** Default 0: any free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
}

/** A simulated provider that is being served. */
export interface Simulator {
  /** The base URL for clients, e.g. `http://127.0.0.1:4010/v1`. */
  readonly url: string;
  readonly port: number;
  stats(): SimulatorStats;
  /** Calls by the full text of the prompt. */
  prompts(): ReadonlyMap<string, Readonly<PromptCount>>;
  control(change: ControlChange): void;
  /** Stops serving and breaks off whatever is in flight. */
  close(): Promise<void>;
}

/**
 * Serves a simulated provider.
 * @throws LlmBatchError CANNOT_LISTEN when the port is taken or not allowed.
 */
export async function startSimulator(
  settings: SimulatorSettings,
  { clock, port = 0, host = "127.0.0.1" }: SimulatorOptions,
): Promise<Simulator> {
  const engine = new Engine(settings, clock);
  // An idle connection is never closed from here: a client about to use it would see a reset nobody asked for.
  const server = createServer(
    { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 },
    createRoutes(engine, clock),
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}/v1`,
    port: address.port,
    stats: () => engine.stats(),
    prompts: () => engine.prompts(),
    control: (change) => engine.control(change),
    close: () => close(server, sockets),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen({ port, host, backlog: 4_096 }, resolve);
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): LlmBatchError {
  return new LlmBatchError({
    code: "CANNOT_LISTEN",
    message: `the simulator cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`,
    hint: "choose another port, or 0 for any free one",
    cause,
  });
}

/** Waits for the sockets too: only with their end are the calls over that came in by them. */
async function close(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const gone = [new Promise((resolve) => server.close(resolve))];
  for (const socket of sockets) {
    gone.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.destroy();
  }
  await Promise.all(gone);
}
