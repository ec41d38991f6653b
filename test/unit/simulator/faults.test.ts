import { describe, expect, test } from "vitest";
import { Rehearsal } from "../../helpers/rehearsal.ts";

/** What a call ended in: a status, or the code of a network error. */
async function fate(rehearsal: Rehearsal, prompt: string): Promise<string> {
  try {
    const { status, json } = await rehearsal.ask(prompt);
    return json === null ? `${status} not JSON` : String(status);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("an error fault", () => {
  test.each([
    ["500", 500, "server_error", null],
    ["status:status=502", 502, "server_error", null],
    ["503", 503, "server_error", "service_unavailable"],
    ["529", 529, "overloaded_error", "overloaded_error"],
    ["400", 400, "invalid_request_error", null],
    ["401", 401, "invalid_request_error", "invalid_api_key"],
    ["402", 402, "billing_error", "payment_required"],
    ["403", 403, "permission_error", "permission_denied"],
    ["404", 404, "invalid_request_error", "model_not_found"],
    ["429", 429, "requests", "rate_limit_exceeded"],
    ["insufficient-quota", 429, "insufficient_quota", "insufficient_quota"],
    ["context-length", 400, "invalid_request_error", "context_length_exceeded"],
    ["content-filter", 400, "invalid_request_error", "content_filter"],
    ["error-in-200", 200, "server_error", null],
    ["error-in-200:status=429", 200, "requests", "rate_limit_exceeded"],
  ])("%s answers with status %i, type %s and code %s", async (fault, status, type, code) => {
    const rehearsal = await Rehearsal.start(`fault=${fault}`);
    const reply = await rehearsal.ask("a");
    expect(reply.status).toBe(status);
    expect(reply.json.error).toMatchObject({ type, code });
    expect(rehearsal.simulator.stats()).toMatchObject({ accepted: 1, refused: 0, succeeded: 0 });
  });

  test("hints in its own form and after its own time", async () => {
    const rehearsal = await Rehearsal.start("fault=429:hint=message:after=20ms");
    const { json, headers } = await rehearsal.ask("a");
    expect(json.error.message).toBe("Rate limit reached. Please try again in 20ms.");
    expect(headers["retry-after"]).toBeUndefined();
  });

  test("that isn't a 429 hints only when told to", async () => {
    const rehearsal = await Rehearsal.start("fault=503:match=late:after=90s", "fault=503");
    expect((await rehearsal.ask("late")).headers["retry-after"]).toBe("90");
    expect((await rehearsal.ask("a")).headers["retry-after"]).toBeUndefined();
  });
});

describe("a broken reply", () => {
  test("is reset before it comes", async () => {
    const rehearsal = await Rehearsal.start("fault=reset");
    await expect(rehearsal.ask("a")).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
    expect(rehearsal.simulator.stats()).toMatchObject({ dropped: 1, by_status: {}, by_fault: { reset: 1 } });
  });

  test.each(["reset-body", "truncated"])("ends in the middle of its body: %s", async (fault) => {
    const rehearsal = await Rehearsal.start(`fault=${fault}`);
    await expect(rehearsal.ask("a")).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
    expect(rehearsal.simulator.stats()).toMatchObject({
      succeeded: 0,
      by_status: { 200: 1 },
      by_fault: { [fault]: 1 },
    });
  });

  test("is a web page", async () => {
    const rehearsal = await Rehearsal.start("fault=non-json");
    const { status, headers, text, json } = await rehearsal.ask("a");
    expect([status, headers["content-type"], json]).toEqual([200, "text/html", null]);
    expect(text).toContain("<!doctype html>");
  });

  test("is empty", async () => {
    const rehearsal = await Rehearsal.start("fault=empty");
    const { status, json } = await rehearsal.ask("a");
    expect([status, json.choices]).toEqual([200, []]);
  });

  test("has a value of the wrong type", async () => {
    const rehearsal = await Rehearsal.start("fault=wrong-type");
    const { status, json } = await rehearsal.ask("a");
    expect([status, json.choices[0].message.content]).toEqual([200, 42]);
  });

  test("drips over its time, whole in the end", async () => {
    const rehearsal = await Rehearsal.start("fault=slow:over=10s", "answer=echo");
    const asked = rehearsal.ask("a");
    for (let piece = 0; piece < 10; piece++) {
      await rehearsal.clock.timersSet(1);
      expect(rehearsal.simulator.stats().in_flight).toBe(1);
      rehearsal.clock.advance(1_000);
    }
    expect((await asked).json.choices[0].message.content).toBe("a");
    expect(rehearsal.clock.now()).toBe(10_000);
    expect(rehearsal.simulator.stats()).toMatchObject({ succeeded: 1, in_flight: 0, by_fault: { slow: 1 } });
  });
});

describe("a fault strikes", () => {
  test("only prompts with its text", async () => {
    const rehearsal = await Rehearsal.start("fault=400:match=poison");
    expect(await fate(rehearsal, "some poison here")).toBe("400");
    expect(await fate(rehearsal, "water")).toBe("200");
  });

  test("only the first calls of each prompt", async () => {
    const rehearsal = await Rehearsal.start("fault=500:times=2");
    for (const prompt of ["a", "b"]) {
      const fates = [];
      for (let i = 0; i < 4; i++) fates.push(await fate(rehearsal, prompt));
      expect(fates).toEqual(["500", "500", "200", "200"]);
    }
  });

  test("calls that got past the limits: a refused one uses none of its times up", async () => {
    const rehearsal = await Rehearsal.start("rpm=1", "window=fixed:60s", "fault=500:times=1:match=a");
    await rehearsal.ask("b");
    expect(await fate(rehearsal, "a")).toBe("429");
    rehearsal.clock.advance(60_000);
    expect(await fate(rehearsal, "a")).toBe("500");
    rehearsal.clock.advance(60_000);
    expect(await fate(rehearsal, "a")).toBe("200");
  });

  test("between two times", async () => {
    const rehearsal = await Rehearsal.start("fault=500:from=10s:to=20s");
    const fates = [];
    for (const pauseMs of [0, 9_999, 1, 9_999, 1]) {
      rehearsal.clock.advance(pauseMs);
      fates.push(await fate(rehearsal, "a"));
    }
    expect(fates).toEqual(["200", "200", "500", "500", "200"]);
  });

  test("between two calls", async () => {
    const rehearsal = await Rehearsal.start("fault=500:from=2:to=3");
    const fates = [];
    for (let i = 0; i < 4; i++) fates.push(await fate(rehearsal, `${i}`));
    expect(fates).toEqual(["200", "500", "500", "200"]);
  });

  test("in the order of the rules, the first that fits", async () => {
    const rehearsal = await Rehearsal.start("fault=500:times=1", "fault=503:times=2");
    const fates = [];
    for (let i = 0; i < 3; i++) fates.push(await fate(rehearsal, "a"));
    expect(fates).toEqual(["500", "503", "200"]);
  });

  test("at its rate", async () => {
    const rehearsal = await Rehearsal.start("fault=500:rate=20%");
    await Promise.all(Array.from({ length: 500 }, (_, i) => rehearsal.ask(`${i}`)));
    const struck = rehearsal.simulator.stats().by_fault["500"]!;
    expect(struck).toBeGreaterThan(70);
    expect(struck).toBeLessThan(130);
  });
});

test("faults are the same in every rehearsal, whatever the order of the calls", async () => {
  const prompts = Array.from({ length: 60 }, (_, i) => `prompt ${i}`);
  const fates = async (order: readonly string[]) => {
    const rehearsal = await Rehearsal.start("faults=50%", "seed=7");
    const byPrompt: Record<string, string[]> = {};
    for (const prompt of [...order, ...order]) {
      byPrompt[prompt] ??= [];
      byPrompt[prompt].push(await fate(rehearsal, prompt));
    }
    return { byPrompt, kinds: Object.keys(rehearsal.simulator.stats().by_fault).sort() };
  };
  const forwards = await fates(prompts);
  expect(await fates(prompts.toReversed())).toEqual(forwards);
  expect(forwards.kinds).toEqual(["500", "502", "503", "529", "non-json", "reset", "truncated"]);
});
