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
