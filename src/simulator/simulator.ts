import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../ports/clock.ts";
import { listen } from "../system/listen.ts";
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
  await listen(server, { what: "the simulator", host, port });
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

/** Waits for the sockets too: only with their end are the calls over that came in by them. */
async function close(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const gone = [new Promise((resolve) => server.close(resolve))];
  for (const socket of sockets) {
    gone.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.destroy();
  }
  await Promise.all(gone);
}
