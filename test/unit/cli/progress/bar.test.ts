import { Writable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import type { OutputStream } from "../../../../src/cli/context.ts";
import { Bar } from "../../../../src/cli/progress/bar.ts";
import { ASCII, frame } from "../../../../src/cli/progress/frame.ts";
import { unpainted } from "../../../../src/cli/text/paint.ts";
import { sightOf } from "../../../helpers/sight.ts";
import { VirtualScreen } from "../../../helpers/virtual-screen.ts";

/** A bar on a window whose size a test sets. */
function barOn(columns: number, rows = 24) {
  const screen = new VirtualScreen(columns);
  const blocks: string[] = [];
  const stream: OutputStream = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      blocks.push(text);
      screen.write(text);
      done();
    },
  });
  Object.assign(stream, { isTTY: true, columns, rows });
  const bar = new Bar({ stream, paint: unpainted, glyphs: ASCII, frame });
  onTestFinished(() => bar.close());
  return { bar, screen, stream, blocks };
}

const ACTIVITY = "$1.24 of about $2.38  waiting 12s: token quota";

describe("a bar", () => {
  test("is redrawn in place, a write for each frame", () => {
    const { bar, screen, blocks } = barOn(80);
    bar.draw(sightOf({ done: 1 }));
    const drawn = blocks.length;
    bar.draw(sightOf());
    expect(blocks).toHaveLength(drawn + 1);
    expect(screen.rows).toHaveLength(3);
    expect(screen.rows[0]).toContain("5,200/10,000");
    expect(screen.rows[2]).toBe(ACTIVITY);
    expect(screen.isCursorShown).toBe(true);
  });

  test("leaves nothing behind, and the cursor where text goes on", () => {
    const { bar, screen } = barOn(80);
    screen.write("before\n");
    bar.draw(sightOf());
    bar.close();
    expect(screen.rows).toEqual(["before"]);
    expect(screen.cursor).toEqual({ row: 1, column: 0 });
    expect(screen.isCursorShown).toBe(true);
  });

  test("lets lines scroll by above it, whole and in their order", () => {
    const { bar, screen } = barOn(40);
    bar.say("before the bar");
    bar.draw(sightOf());
    bar.say("breaker open for 6s: https://api.example.com/v1 gpt-4.1-mini: 5 failures in a row");
    bar.say("short");
    expect(screen.rows.slice(0, -3)).toEqual([
      "before the bar",
      "breaker open for 6s:",
      "  https://api.example.com/v1",
      "  gpt-4.1-mini: 5 failures in a row",
      "short",
    ]);
    expect(screen.rows).toHaveLength(8);
    bar.close();
    expect(screen.rows.at(-1)).toBe("short");
  });

  test("takes longer lines off the screen when shorter ones come", () => {
    const { bar, screen } = barOn(80);
    bar.draw(sightOf());
    bar.draw(sightOf({ cost: null, activity: { text: "stopping", isHeld: true } }));
    expect(screen.rows.at(-1)).toBe("stopping");
  });

  test("is drawn anew at once when the window becomes narrower, over all rows that its lines take then", () => {
    const { bar, screen, stream, blocks } = barOn(80);
    bar.draw(sightOf());
    const widths = screen.rows.map((row) => row.length);
    Object.assign(stream, { columns: 40 });
    stream.emit("resize");
    const above = widths.slice(0, -1).reduce((sum, width) => sum + Math.ceil(width / 40), 0);
    expect(above).toBeGreaterThan(2);
    expect(blocks.at(-1)).toContain(`\x1b[${above}A\r\x1b[J`);
    expect(screen.rows.at(-1)).toBe("$1.24  waiting 12s: token quota");
  });

  test("has one line in a window that is too low for three", () => {
    const { bar, screen } = barOn(80, 3);
    bar.draw(sightOf());
    expect(screen.rows).toHaveLength(1);
  });

  test("that was never drawn writes nothing", () => {
    const { bar, blocks } = barOn(80);
    bar.close();
    expect(blocks).toEqual([]);
  });
});
