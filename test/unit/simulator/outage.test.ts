import { expect, test } from "vitest";
import { Rehearsal } from "../../helpers/rehearsal.ts";

test("an outage by calls strikes from the first of them to the last", async () => {
  const rehearsal = await Rehearsal.start("outage=calls:3-4");
  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await rehearsal.ask(`${i}`)).status);
  expect(statuses).toEqual([200, 200, 503, 503, 200, 200]);
  expect(rehearsal.simulator.stats()).toMatchObject({
    calls: 6,
    accepted: 4,
    outage: { active: false, calls: 2 },
  });
});

test("an outage by time strikes from its beginning until its end", async () => {
  const rehearsal = await Rehearsal.start("outage=10s-20s:502");
  const statuses = [];
  for (const pauseMs of [0, 10_000, 9_999, 1]) {
    rehearsal.clock.advance(pauseMs);
    statuses.push((await rehearsal.ask("a")).status);
  }
  expect(statuses).toEqual([200, 502, 502, 200]);
});

test("an outage may reset connections, and counts the calls of its prompts all the same", async () => {
  const rehearsal = await Rehearsal.start("outage=calls:1-1:reset");
  await expect(rehearsal.ask("a")).rejects.toMatchObject({
    code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
  });
  expect((await rehearsal.ask("a")).status).toBe(200);
  expect(rehearsal.simulator.stats()).toMatchObject({ dropped: 1, succeeded: 1, outage: { calls: 1 } });
  expect(rehearsal.simulator.prompts().get("a")).toMatchObject({ calls: 2, accepted: 1, succeeded: 1 });
});

test("an outage uses up no quota and goes before every other refusal", async () => {
  const rehearsal = await Rehearsal.start("rpm=1", "require-key=k", "outage=calls:1-1");
  expect((await rehearsal.ask("a")).status).toBe(503);
  expect((await rehearsal.ask("a")).status).toBe(401);
  expect((await rehearsal.ask("a", { headers: { authorization: "Bearer k" } })).status).toBe(200);
});
