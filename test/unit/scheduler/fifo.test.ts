import { expect, test } from "vitest";
import { Fifo } from "../../../src/scheduler/fifo.ts";

test("whoever came first is served first, also by a queue that was empty", () => {
  const queue = new Fifo();
  const [a, b, c] = [async () => "a", async () => "b", async () => "c"];
  queue.enqueue(a!);
  queue.enqueue(b!);
  expect(queue.dequeue()).toBe(a);
  queue.enqueue(c!);
  expect(queue.filter()).toEqual([b, c]);
  expect([queue.dequeue(), queue.dequeue(), queue.dequeue()]).toEqual([b, c, undefined]);
  expect(queue.size).toBe(0);
  queue.enqueue(a!);
  expect(queue.size).toBe(1);
  expect(queue.dequeue()).toBe(a);
});
