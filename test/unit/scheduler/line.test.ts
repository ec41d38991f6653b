import { expect, test } from "vitest";
import { Line } from "../../../src/scheduler/line.ts";

test("whoever came first is served first, also by a line that was empty", () => {
  const line = new Line();
  const [a, b, c] = [async () => "a", async () => "b", async () => "c"];
  line.enqueue(a!);
  line.enqueue(b!);
  expect(line.dequeue()).toBe(a);
  line.enqueue(c!);
  expect(line.filter()).toEqual([b, c]);
  expect([line.dequeue(), line.dequeue(), line.dequeue()]).toEqual([b, c, undefined]);
  expect(line.size).toBe(0);
  line.enqueue(a!);
  expect(line.size).toBe(1);
  expect(line.dequeue()).toBe(a);
});
