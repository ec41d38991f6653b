import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type BodyHold, BodyMemory } from "../../../../src/provider/http/body-memory.ts";
import { HttpClient } from "../../../../src/provider/http/client.ts";
import type { Reply } from "../../../../src/provider/http/reply.ts";
import { serve } from "../../../helpers/loopback.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { replyOf } from "../../../helpers/reply-of.ts";

const MIB = 1024 * 1024;
const LIMIT_BYTES = MIB;
const HUGE = Buffer.alloc(4 * MIB, "x");
const CALLS = 8;
/** What each call may have beside the memory: it is small so far, and one more part comes before it halts. */
const SMALL_BYTES = 2 * 64 * 1024;
const TIMEOUT_MS = 60_000;

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** Notes the most that was held at once, and how many calls are halted. */
class WatchedMemory extends BodyMemory {
  bytes = 0;
  peakBytes = 0;
  readonly halted = new Set<BodyHold>();

  override take(hold: BodyHold, bytes: number): boolean {
    this.bytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
    const halts = super.take(hold, bytes);
    if (halts) this.halted.add(hold);
    return halts;
  }

  override giveBack(hold: BodyHold): void {
    this.bytes -= hold.bytes;
    super.giveBack(hold);
  }
}

interface Call {
  hold: BodyHold;
  reply: Promise<Reply>;
}

function rigOf(url: string, maxBodyBytes = 64 * MIB) {
  const clock = new ManualClock();
  const memory = new WatchedMemory(LIMIT_BYTES);
  const client = new HttpClient({
    url: new URL(url),
    concurrency: CALLS,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes,
    clock,
  });
  clients.push(client);
  const post = (body: string, signal = new AbortController().signal): Call => {
    const hold = memory.hold();
    const reply = replyOf(client.post([], body, { signal, hold }));
    reply.catch(() => {});
    return { hold, reply };
  };
  return { clock, memory, post };
}

/** Answers each call by what its body says. */
async function provider(answers: Record<string, (response: ServerResponse) => void>): Promise<string> {
  const { url } = await serve(async (request, response) => {
    response.on("error", () => {});
    for await (const part of request) answers[String(part)]!(response);
  });
  return url;
}

const huge = (response: ServerResponse): unknown => response.end(HUGE);

describe("answers larger than the memory", () => {
  test("all come, with never more than one beyond it in memory", async () => {
    const waiting: ServerResponse[] = [];
    const url = await provider({
      huge: (response) => {
        waiting.push(response);
        if (waiting.length === CALLS) waiting.forEach(huge);
      },
    });
    const { memory, post } = rigOf(url);
    const calls = Array.from({ length: CALLS }, async () => {
      const { hold, reply } = post("huge");
      expect((await reply).body).toHaveLength(HUGE.length);
      hold.release();
    });
    await Promise.all(calls);
    expect(memory.halted.size).toBeGreaterThan(0);
    expect(memory.peakBytes).toBeLessThanOrEqual(LIMIT_BYTES + HUGE.length + CALLS * SMALL_BYTES);
    expect(memory.bytes).toBe(0);
  });

  test("wait until the one before them is recorded, while small ones pass", async () => {
    const url = await provider({ huge, small: (response) => response.end("yes") });
    const { memory, post } = rigOf(url);
    const first = post("huge");
    await first.reply;
    const second = post("huge");
    await expect.poll(() => memory.halted).toContain(second.hold);
    expect((await post("small").reply).body).toBe("yes");
    expect(second.hold.bytes).toBeLessThanOrEqual(SMALL_BYTES);
    first.hold.release();
    expect((await second.reply).body).toHaveLength(HUGE.length);
  });
});

describe("a call that ends without a reply", () => {
  const events = new EventEmitter();
  const ends: Record<string, (clock: ManualClock, stop: AbortController) => void> = {
    aborted: (_, stop) => stop.abort(),
    timeout: (clock) => clock.advance(TIMEOUT_MS / 2),
    connection_reset: () => events.emit("reset"),
  };

  test.each(Object.entries(ends))("gives its part back to those that wait: %s", async (code, end) => {
    const url = await provider({
      huge,
      stuck: (response) => {
        response.write(HUGE);
        events.once("reset", () => response.destroy());
      },
    });
    const { clock, memory, post } = rigOf(url);
    const stop = new AbortController();
    const stuck = post("stuck", stop.signal);
    await expect.poll(() => stuck.hold.bytes).toBe(HUGE.length);
    clock.advance(TIMEOUT_MS / 2);
    const next = post("huge");
    await expect.poll(() => memory.halted).toContain(next.hold);
    end(clock, stop);
    await expect(stuck.reply).rejects.toMatchObject({ phase: "sent", code });
    expect((await next.reply).body).toHaveLength(HUGE.length);
    expect(memory.bytes).toBe(HUGE.length);
  });

  test("while it is halted leaves nothing behind", async () => {
    const { memory, post } = rigOf(await provider({ huge }));
    const first = post("huge");
    await first.reply;
    const stop = new AbortController();
    const halted = post("huge", stop.signal);
    await expect.poll(() => memory.halted).toContain(halted.hold);
    stop.abort();
    await expect(halted.reply).rejects.toMatchObject({ code: "aborted" });
    first.hold.release();
    expect(memory.bytes).toBe(0);
  });
});

test("an answer that is cut off gives its part back", async () => {
  const { memory, post } = rigOf(await provider({ huge }), 2 * MIB);
  expect(await post("huge").reply).toMatchObject({ cutOff: true });
  expect(memory.bytes).toBe(0);
});
