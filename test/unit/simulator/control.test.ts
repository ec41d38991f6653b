import { describe, expect, test } from "vitest";
import { parseSomeSettings } from "../../../src/simulator/parse-settings.ts";
import { Rehearsal } from "../../helpers/rehearsal.ts";

const control = (rehearsal: Rehearsal, change: object) =>
  rehearsal.send("POST", "/control", JSON.stringify(change));

test("an outage starts and ends when told to", async () => {
  const rehearsal = await Rehearsal.start();
  expect((await control(rehearsal, { outage: 503 })).json.outage.active).toBe(true);
  expect((await rehearsal.ask("a")).status).toBe(503);
  await control(rehearsal, { outage: "reset" });
  await expect(rehearsal.ask("a")).rejects.toThrow();
  expect((await control(rehearsal, { outage: "end" })).json.outage).toEqual({ active: false, calls: 2 });
  expect((await rehearsal.ask("a")).status).toBe(200);
});

test("limits change and keep what was used", async () => {
  const rehearsal = await Rehearsal.start("rpm=10", "window=sliding:60s");
  for (let i = 0; i < 4; i++) await rehearsal.ask("a");
  await control(rehearsal, { settings: { rpm: 5 } });
  expect((await rehearsal.ask("a")).status).toBe(200);
  expect((await rehearsal.ask("a")).status).toBe(429);
  await control(rehearsal, { settings: { rpm: null } });
  expect((await rehearsal.ask("a")).status).toBe(200);
});

test("faults are replaced as a whole", async () => {
  const rehearsal = await Rehearsal.start("fault=500");
  await control(rehearsal, { settings: { fault: ["502:times=1", "504"] } });
  expect((await rehearsal.ask("a")).status).toBe(502);
  expect((await rehearsal.ask("a")).status).toBe(504);
  await control(rehearsal, { settings: { fault: [] } });
  expect((await rehearsal.ask("a")).status).toBe(200);
});

test("more slots let waiting calls in at once", async () => {
  const rehearsal = await Rehearsal.start("latency=1s", "concurrency=1");
  const asked = [rehearsal.ask("a"), rehearsal.ask("b")];
  await expect.poll(() => rehearsal.simulator.stats().queued).toBe(1);
  rehearsal.simulator.control({ settings: parseSomeSettings([["concurrency", "2"]]) });
  expect(rehearsal.simulator.stats().queued).toBe(0);
  rehearsal.clock.advance(1_000);
  await Promise.all(asked);
});

test("after a reset everything counts from zero, and calls in flight leave no trace", async () => {
  const rehearsal = await Rehearsal.start("latency=1s", "outage=calls:2-2", "fault=500:times=1:match=x");
  const before = rehearsal.ask("a");
  await rehearsal.clock.timersSet(1);
  await control(rehearsal, { reset_stats: true });
  rehearsal.clock.advance(1_000);
  expect((await before).status).toBe(200);
  expect(rehearsal.simulator.stats()).toMatchObject({
    calls: 0,
    in_flight: 0,
    by_status: {},
    prompts: 0,
    first_call_at: null,
  });
  const first = rehearsal.ask("b");
  await rehearsal.clock.timersSet(1);
  rehearsal.clock.advance(1_000);
  await first;
  expect((await rehearsal.ask("c")).status).toBe(503);
});

describe("a change that cannot be made is refused whole:", () => {
  test.each([
    ["{", "not JSON"],
    ["[]", "no JSON object"],
    ['{"outages":503}', '"outages"'],
    ['{"outage":429}', '"429"'],
    ['{"settings":5}', "settings"],
    ['{"settings":{"rpm":600,"tpm":"many"}}', 'tpm cannot be "many"'],
    ['{"settings":{"rmp":600}}', '"rmp"'],
  ])("%s", async (body, named) => {
    const rehearsal = await Rehearsal.start("rpm=1");
    const { status, json } = await rehearsal.send("POST", "/control", body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: "BAD_OPTION",
      message: expect.stringContaining(named),
      hint: expect.any(String),
    });
    await rehearsal.ask("a");
    expect((await rehearsal.ask("a")).status).toBe(429);
  });
});
