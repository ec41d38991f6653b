import { expect, test } from "vitest";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import { parseSimulatorSettings } from "../../../src/simulator/parse-settings.ts";
import { startSimulator } from "../../../src/simulator/simulator.ts";
import { SpanPeak } from "../../../src/simulator/span-peak.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { Rehearsal } from "../../helpers/rehearsal.ts";

test("every call is counted, under what it ended in", async () => {
  const rehearsal = await Rehearsal.start(
    "rpm=5",
    "window=fixed:60s",
    "output-tokens=10",
    "cached=50%",
    "fault=reset:match=drop",
    "fault=500:match=fail",
    "fault=hang:match=stuck",
  );
  const abort = new AbortController();
  const stuck = rehearsal.ask("stuck", { signal: abort.signal });
  await expect.poll(() => rehearsal.simulator.stats().in_flight).toBe(1);
  await rehearsal.ask("x".repeat(40));
  await rehearsal.ask("x".repeat(40));
  await rehearsal.ask("drop").catch(() => {});
  await rehearsal.ask("fail");
  rehearsal.clock.advance(2_000);
  await rehearsal.ask("one too many");
  await rehearsal.send("POST", "/v1/chat/completions", "{");
  abort.abort();
  await stuck.catch(() => {});
  await expect.poll(() => rehearsal.simulator.stats().aborted).toBe(1);

  const start = Date.UTC(2026, 0, 1);
  expect((await rehearsal.get("/stats")).json).toEqual({
    calls: 7,
    accepted: 5,
    refused: 1,
    succeeded: 2,
    aborted: 1,
    dropped: 1,
    in_flight: 0,
    queued: 0,
    peak_in_flight: 2,
    by_status: { 200: 2, 400: 1, 429: 1, 500: 1 },
    by_fault: { hang: 1, reset: 1, 500: 1 },
    tokens: { input: 26, cached_input: 12, output: 20 },
    prompts: 5,
    peaks: [{ window_ms: 60_000, requests: 5, tokens: 5 + 13 + 13 + 4 + 4 }],
    first_call_at: start,
    last_call_at: start + 2_000,
    outage: { active: false, calls: 0 },
  });
});

test("calls by prompt stand under the whole text of each", async () => {
  const rehearsal = await Rehearsal.start("fault=500:times=1:match=again");
  const long = "again ".repeat(50);
  for (const prompt of [long, long, "b", "__proto__"]) await rehearsal.ask(prompt);
  const { by_prompt: byPrompt } = (await rehearsal.get("/stats?prompts=1")).json;
  expect(Object.entries(byPrompt)).toEqual([
    [long, { calls: 2, succeeded: 1 }],
    ["b", { calls: 1, succeeded: 1 }],
    ["__proto__", { calls: 1, succeeded: 1 }],
  ]);
  expect((await rehearsal.get("/stats")).json).not.toHaveProperty("by_prompt");
});

test("the peaks are the most that was accepted in any span", async () => {
  const rehearsal = await Rehearsal.start("window=sliding:10s", "rpm=1000");
  for (const pauseMs of [0, 5_000, 4_999, 1, 50_000, 60_000]) {
    rehearsal.clock.advance(pauseMs);
    await rehearsal.ask("x");
  }
  expect(rehearsal.simulator.stats().peaks).toEqual([
    { window_ms: 60_000, requests: 4, tokens: 16 },
    { window_ms: 10_000, requests: 3, tokens: 12 },
  ]);
});

test("a peak counts a call until just before one span later", () => {
  const peak = new SpanPeak(1_000);
  peak.add(5, 0);
  peak.add(7, 999);
  peak.add(11, 1_000);
  expect(peak.report()).toEqual({ window_ms: 1_000, requests: 2, tokens: 18 });
});

test("the page for people shows the figures and the prompts, harmless whatever they hold", async () => {
  const rehearsal = await Rehearsal.start();
  await rehearsal.ask(`<script>alert("&")</script>${"x".repeat(100)}`);
  const { status, headers, text } = await rehearsal.get("/");
  expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(text).toContain("<td>calls<td>1");
  expect(text).toMatch(/<td>&lt;script&gt;alert\(&quot;&amp;&quot;\)&lt;\/script&gt;x+…<td>1<td>1/);
  expect(text).not.toContain("<script>");
});

test("it listens on loopback, and a port that is taken is an error for the user", async () => {
  const { simulator } = await Rehearsal.start();
  expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}/v1`);
  const second = startSimulator(parseSimulatorSettings([]), {
    clock: new ManualClock(),
    port: simulator.port,
  });
  await expect(second).rejects.toThrow(LlmBatchError);
  await expect(second).rejects.toMatchObject({
    code: "CANNOT_LISTEN",
    message: expect.stringContaining("another program has the port"),
  });
});
