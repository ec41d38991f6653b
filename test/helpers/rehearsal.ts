import { Agent, request } from "undici";
import { onTestFinished } from "vitest";
import { parseSimulatorSettings } from "../../src/simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { ManualClock } from "./manual-clock.ts";

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes, looked into by the tests
  json: any;
}

interface AskOptions {
  /** Further fields of the body. */
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A simulator on a manual clock and a client for it; both are closed when the test is over. */
export class Rehearsal {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly #agent = new Agent();

  /** `settings` as a user writes them, e.g. `"rpm=3", "hint=message"`. */
  static async start(...settings: string[]): Promise<Rehearsal> {
    const clock = new ManualClock();
    const simulator = await startSimulator(parseSimulatorSettings(settings.map(splitPair)), { clock });
    const rehearsal = new Rehearsal(simulator, clock);
    onTestFinished(() => rehearsal.close());
    return rehearsal;
  }

  constructor(simulator: Simulator, clock: ManualClock) {
    this.simulator = simulator;
    this.clock = clock;
  }

  /** Sends a prompt as a chat completion. */
  ask(prompt: string, { body, headers, signal }: AskOptions = {}): Promise<Reply> {
    const whole = { model: "sim", messages: [{ role: "user", content: prompt }], ...body };
    return this.send("POST", "/v1/chat/completions", JSON.stringify(whole), headers, signal);
  }

  get(path: string): Promise<Reply> {
    return this.send("GET", path);
  }

  async send(
    method: "GET" | "POST",
    path: string,
    body?: string,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Reply> {
    const url = new URL(path, this.simulator.url);
    const reply = await request(url, { method, body, headers, signal, dispatcher: this.#agent });
    const text = await reply.body.text();
    return { status: reply.statusCode, headers: reply.headers, text, json: parseJson(text) };
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await this.#agent.destroy();
  }
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
