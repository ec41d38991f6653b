import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { LineWriter } from "../../../src/observe/events/line-writer.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

/** A stream whose reader takes a block when the test says so. */
function slowStream() {
  const blocks: string[] = [];
  const taken: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    write(block: Buffer, _encoding, done) {
      blocks.push(block.toString());
      taken.push(done);
    },
  });
  return { stream, blocks, take: (error?: Error) => taken.shift()!(error) };
}

function rig() {
  const clock = new ManualClock();
  const slow = slowStream();
  const failures: Error[] = [];
  const writer = new LineWriter({
    stream: slow.stream,
    clock,
    onFailure: (error) => failures.push(error),
  });
  return { ...slow, clock, writer, failures };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("writing lines", () => {
  test("gathers the lines of a tenth of a second into one block", () => {
    const { writer, blocks, clock } = rig();
    writer.write("a");
    clock.advance(50);
    writer.write("b");
    expect(blocks).toEqual([]);
    clock.advance(50);
    expect(blocks).toEqual(["a\nb\n"]);
    expect(clock.pending).toBe(0);
  });

  test("doesn't wait for more when a block is full", () => {
    const { writer, blocks } = rig();
    writer.write("x".repeat(70_000));
    expect(blocks).toHaveLength(1);
  });

  test("keeps every line for a slow reader, in order, with one block on its way", async () => {
    const { writer, blocks, clock, take } = rig();
    writer.write("first");
    clock.advance(100);
    for (let line = 0; line < 1_000; line++) writer.write(`${line} ${"x".repeat(200)}`);
    clock.advance(10_000);
    expect(blocks).toEqual(["first\n"]);
    const closed = writer.close();
    for (let block = 0; block < blocks.length; block++) {
      take();
      await turn();
    }
    await closed;
    const lines = blocks.join("").trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["first", ...Array(1_000).keys()].map(String));
    expect(clock.pending).toBe(0);
  });

  test("writes any text, and lines of any length, as they are", async () => {
    const { writer, blocks, take } = rig();
    const lines = ["é\u2028😀", "a half \ud83d", "ü".repeat(65_536), "", "漢".repeat(200_000), "end"];
    for (const line of lines) writer.write(line);
    const closed = writer.close();
    for (let block = 0; block < blocks.length; block++) {
      take();
      await turn();
    }
    await closed;
    expect(blocks.join("")).toBe(lines.map((line) => `${line.toWellFormed()}\n`).join(""));
  });

  test("tells once that the stream has failed, and drops what comes afterwards", async () => {
    const { writer, blocks, failures, clock, take } = rig();
    writer.write("a");
    clock.advance(100);
    take(new Error("no space"));
    await turn();
    writer.write("b");
    clock.advance(100);
    await writer.close();
    expect(failures.map(({ message }) => message)).toEqual(["no space"]);
    expect(blocks).toEqual(["a\n"]);
  });
});
