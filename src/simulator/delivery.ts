import type { ServerResponse } from "node:http";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { JudgedCall } from "./engine.ts";
import type { Reply } from "./reply.ts";
import type { Slots } from "./slots.ts";
import type { CallEnd } from "./stats.ts";

/** Pieces of a slow body. */
const PIECES = 10;

/**
 * Brings one call its reply: waiting for a slot -> at work -> over. It is over once the reply was written, the connection
 * was broken off, or the client has gone; its slot is free from that moment.
 */
export class Delivery {
  readonly #call: JudgedCall;
  readonly #response: ServerResponse;
  readonly #slots: Slots;
  readonly #clock: Clock;
  #cancelTimer: CancelTimer | null = null;
  #isOver = false;

  constructor(call: JudgedCall, response: ServerResponse, { slots, clock }: { slots: Slots; clock: Clock }) {
    this.#call = call;
    this.#response = response;
    this.#slots = slots;
    this.#clock = clock;
  }

  start(): void {
    if (this.#call.latencyMs === null) {
      this.#deliver();
    } else {
      this.#response.once("close", () => this.#end("aborted"));
      this.#slots.enter(this.#work);
    }
  }

  readonly #work = (): void => {
    const latencyMs = this.#call.latencyMs!;
    if (latencyMs === 0) this.#deliver();
    else this.#after(latencyMs, () => this.#deliver());
  };

  #deliver(): void {
    const { reply } = this.#call;
    switch (reply.manner.kind) {
      case "whole":
        this.#writeHead(reply);
        this.#response.end(reply.body);
        this.#end("answered");
        break;
      case "slow":
        this.#writeHead(reply);
        this.#drip(reply.body, reply.manner.overMs / PIECES);
        break;
      case "truncated":
      case "reset-body":
        this.#breakOff(reply, reply.manner.kind);
        break;
      case "reset":
        this.#response.req.socket.resetAndDestroy();
        this.#end("dropped");
        break;
      case "hang":
        break;
    }
  }

  #writeHead({ status, headers, contentType, body }: Reply): void {
    const length = String(Buffer.byteLength(body));
    this.#response.writeHead(status, ["content-type", contentType, "content-length", length, ...headers]);
  }

  #breakOff(reply: Reply, manner: "truncated" | "reset-body"): void {
    const { socket } = this.#response.req;
    const half = reply.body.slice(0, Math.ceil(reply.body.length / 2));
    this.#writeHead(reply);
    this.#response.write(half, () =>
      manner === "truncated" ? socket.destroySoon() : socket.resetAndDestroy(),
    );
    this.#end("answered");
  }

  #drip(rest: string, pauseMs: number): void {
    const size = Math.ceil(this.#call.reply.body.length / PIECES);
    this.#after(pauseMs, () => {
      if (rest.length <= size) {
        this.#response.end(rest);
        this.#end("answered");
      } else {
        this.#response.write(rest.slice(0, size));
        this.#drip(rest.slice(size), pauseMs);
      }
    });
  }

  #after(delayMs: number, act: () => void): void {
    this.#cancelTimer = this.#clock.timer(this.#clock.now() + delayMs, act);
  }

  #end(how: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    if (this.#call.latencyMs !== null) this.#slots.leave(this.#work);
    this.#call.end(how);
  }
}
