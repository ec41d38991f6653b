import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Feed } from "../../../src/ui/feed.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

/** A page's connection, which takes what it is told or lets it wait. */
class Reader {
  told = "";
  writableLength = 0;
  destroyed = false;
  writeHead(): void {}
  flushHeaders(): void {}
  on(): void {}
  end(): void {}
  write(event: string): void {
    this.told += event;
  }
}

test("a page that was behind when the run ended is told its end all the same", async () => {
  const clock = new ManualClock();
  let state = "running";
  const feed = new Feed(async () => state, clock);
  const [quick, slow] = [new Reader(), new Reader()];
  for (const reader of [quick, slow]) feed.join(reader as unknown as ServerResponse);
  const turn = async (): Promise<void> => {
    clock.advance(1_000);
    await setImmediate();
  };
  slow.writableLength = 2_000_000;
  state = "finished";
  await turn();
  slow.writableLength = 0;
  await turn();
  expect(quick.told.match(/finished/g)).toHaveLength(1);
  expect(slow.told.match(/finished/g)).toHaveLength(1);
});

test("a database that doesn't answer is told, and that it is back, though nothing has changed", async () => {
  const clock = new ManualClock();
  let answer = Promise.resolve("stopped");
  const feed = new Feed(() => answer, clock);
  const reader = new Reader();
  feed.join(reader as unknown as ServerResponse);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await setImmediate();
  };
  await pass(1_000);
  let back = (_state: string): void => {};
  answer = new Promise((resolve) => {
    back = resolve;
  });
  await pass(1_000);
  await pass(4_900);
  expect(reader.told).not.toContain("trouble");
  await pass(100);
  expect(reader.told).toContain("event: trouble");
  back("stopped");
  await setImmediate();
  expect(reader.told.match(/stopped/g)).toHaveLength(2);
  await pass(1_000);
  feed.close();
  expect(clock.pending).toBe(0);
});

test("a feed that is closed while it reads leaves nothing behind that keeps a process from its end", async () => {
  const clock = new ManualClock();
  let back = (_state: string): void => {};
  const feed = new Feed(() => new Promise((resolve) => (back = resolve)), clock);
  feed.join(new Reader() as unknown as ServerResponse);
  clock.advance(1_000);
  feed.close();
  back("stopped");
  await setImmediate();
  expect(clock.pending).toBe(0);
});
