import { expect, test } from "vitest";
import { Slots } from "../../../src/simulator/slots.ts";
import { Rehearsal } from "../../helpers/rehearsal.ts";

test("a call takes its latency", async () => {
  const rehearsal = await Rehearsal.start("latency=200ms");
  const asked = rehearsal.ask("a");
  await rehearsal.clock.timersSet(1);
  rehearsal.clock.advance(199);
  expect(rehearsal.simulator.stats()).toMatchObject({ in_flight: 1, succeeded: 0 });
  rehearsal.clock.advance(1);
  expect((await asked).status).toBe(200);
});

test("latencies have the median and the spread they were told", async () => {
  const rehearsal = await Rehearsal.start("latency=lognormal:median=6s,sigma=0.4");
  const asked = Array.from({ length: 400 }, (_, i) => rehearsal.ask(`${i}`));
  await rehearsal.clock.timersSet(400);
  const ends: number[] = [];
  while (rehearsal.clock.advanceToNext()) ends.push(rehearsal.clock.now());
  await Promise.all(asked);
  expect(ends[200]).toBeGreaterThan(5_500);
  expect(ends[200]).toBeLessThan(6_500);
  expect(Math.log(ends[336]! / ends[64]!) / 2).toBeCloseTo(0.4, 1);
});

test("refusals take neither the latency nor a slot", async () => {
  const rehearsal = await Rehearsal.start("latency=1h", "concurrency=1", "rpm=1", "fault=400:match=poison");
  expect((await rehearsal.ask("poison")).status).toBe(400);
  expect((await rehearsal.ask("a")).status).toBe(429);
});

test("calls above the concurrency wait in the order they came", async () => {
  const rehearsal = await Rehearsal.start("latency=1s", "concurrency=2");
  const answered: string[] = [];
  const asked = [];
  for (const prompt of ["a", "b", "c", "d", "e"]) {
    const inFlight = asked.length + 1;
    asked.push(rehearsal.ask(prompt).then(() => answered.push(prompt)));
    await expect.poll(() => rehearsal.simulator.stats().in_flight).toBe(inFlight);
  }
  expect(rehearsal.simulator.stats()).toMatchObject({ queued: 3, peak_in_flight: 5 });
  expect(rehearsal.clock.pending).toBe(2);
  rehearsal.clock.advance(1_000);
  await Promise.all(asked.slice(0, 2));
  expect(answered.sort()).toEqual(["a", "b"]);
  expect(rehearsal.simulator.stats()).toMatchObject({ queued: 1, in_flight: 3 });
  rehearsal.clock.advance(2_000);
  await Promise.all(asked);
  expect(rehearsal.clock.now()).toBe(3_000);
});

test("calls above the concurrency are refused where that is how the server does it", async () => {
  const rehearsal = await Rehearsal.start("latency=1s", "concurrency=1", "overflow=refuse");
  const first = rehearsal.ask("a");
  await rehearsal.clock.timersSet(1);
  const { status, headers, json } = await rehearsal.ask("b");
  expect([status, headers["retry-after"]]).toEqual([429, "1"]);
  expect(json.error.message).toBe("Too many requests at once: Limit 1.");
  rehearsal.clock.advance(1_000);
  expect((await first).status).toBe(200);
  expect(rehearsal.simulator.stats()).toMatchObject({ accepted: 1, refused: 1 });
});

test("a client that gives up frees its slot and is counted as aborted", async () => {
  const rehearsal = await Rehearsal.start("concurrency=1", "fault=hang:match=stuck");
  const [working, waiting] = [new AbortController(), new AbortController()];
  const stuck = rehearsal.ask("stuck", { signal: working.signal });
  await expect.poll(() => rehearsal.simulator.stats().in_flight).toBe(1);
  const queued = rehearsal.ask("b", { signal: waiting.signal });
  const last = rehearsal.ask("c");
  await expect.poll(() => rehearsal.simulator.stats().queued).toBe(2);

  waiting.abort();
  await expect(queued).rejects.toThrow();
  await expect.poll(() => rehearsal.simulator.stats()).toMatchObject({ aborted: 1, queued: 1 });
  working.abort();
  await expect(stuck).rejects.toThrow();
  expect((await last).status).toBe(200);
  expect(rehearsal.simulator.stats()).toMatchObject({ aborted: 2, succeeded: 1, in_flight: 0, queued: 0 });
});

test("a client that gives up during the latency leaves no timer behind", async () => {
  const rehearsal = await Rehearsal.start("latency=1h");
  const abort = new AbortController();
  const asked = rehearsal.ask("a", { signal: abort.signal });
  await rehearsal.clock.timersSet(1);
  abort.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(() => rehearsal.clock.pending).toBe(0);
});

test("closing breaks off what is in flight at once", async () => {
  const rehearsal = await Rehearsal.start("latency=1h", "fault=hang:match=stuck");
  const asked = Promise.allSettled([rehearsal.ask("a"), rehearsal.ask("stuck")]);
  await expect.poll(() => rehearsal.simulator.stats().in_flight).toBe(2);
  await rehearsal.simulator.close();
  for (const { status } of await asked) expect(status).toBe("rejected");
  expect([rehearsal.clock.pending, rehearsal.simulator.stats().in_flight]).toEqual([0, 0]);
});

test("a long queue that can run at once doesn't grow the stack", () => {
  const slots = new Slots(1);
  let ended = 0;
  const held = () => {};
  slots.enter(held);
  for (let i = 0; i < 50_000; i++) {
    const start = () => {
      ended++;
      slots.leave(start);
    };
    slots.enter(start);
  }
  expect([ended, slots.waiting]).toEqual([0, 50_000]);
  slots.leave(held);
  expect([ended, slots.waiting, slots.isFull]).toEqual([50_000, 0, false]);
});
