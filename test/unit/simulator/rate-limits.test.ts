import { describe, expect, test } from "vitest";
import { Rehearsal } from "../../helpers/rehearsal.ts";

test("calls above the limit get a 429, until the time it names has passed", async () => {
  const rehearsal = await Rehearsal.start("rpm=3", "window=fixed:60s");
  for (let i = 0; i < 3; i++) expect((await rehearsal.ask(`${i}`)).status).toBe(200);
  rehearsal.clock.advance(15_000);
  const refused = await rehearsal.ask("3");
  expect(refused.status).toBe(429);
  expect(refused.headers["retry-after"]).toBe("45");
  expect(refused.json.error).toEqual({
    message: "Rate limit reached for sim on requests per min (RPM): Limit 3, Used 3, Requested 1.",
    type: "requests",
    param: null,
    code: "rate_limit_exceeded",
  });
  rehearsal.clock.advance(44_999);
  expect((await rehearsal.ask("3")).status).toBe(429);
  rehearsal.clock.advance(1);
  expect((await rehearsal.ask("3")).status).toBe(200);
});

// Each call has 13 input and 10 output tokens, and allows 100.
test.each([
  ["rpm=2", "actual", 2],
  ["tpm=100", "actual", 4],
  ["tpm=250", "upfront", 2],
  ["itpm=40", "upfront", 3],
  ["otpm=40", "actual", 4],
  ["otpm=300", "upfront", 3],
  ["rpd=2", "actual", 2],
  ["tpd=100", "actual", 4],
])("%s, charged %s, lets %i calls pass", async (limit, charging, passing) => {
  const rehearsal = await Rehearsal.start(limit, `charging=${charging}`, "output-tokens=10");
  const statuses: number[] = [];
  for (let i = 0; i < passing + 1; i++) {
    const { status, json } = await rehearsal.ask("x".repeat(40), { body: { max_tokens: 100 } });
    if (status === 200) expect(json.usage.total_tokens).toBe(23);
    statuses.push(status);
  }
  expect(statuses).toEqual([...Array(passing).fill(200), 429]);
  expect(rehearsal.simulator.stats()).toMatchObject({ accepted: passing, refused: 1 });
});

test("a request above the limit itself is told so, and gets no hint", async () => {
  const rehearsal = await Rehearsal.start("tpm=50");
  const { status, headers, json } = await rehearsal.ask("a", { body: { max_tokens: 100 } });
  expect(status).toBe(429);
  expect(json.error).toMatchObject({
    type: "tokens",
    message: expect.stringMatching(/^Request too large .*Limit 50, Requested 104/),
  });
  expect(headers["retry-after"]).toBeUndefined();
});

describe("headers", () => {
  const headersAfterOneCall = async (...settings: string[]) => {
    const rehearsal = await Rehearsal.start("window=bucket:60s", ...settings);
    rehearsal.clock.advance(500);
    const { headers } = await rehearsal.ask("x".repeat(40), { body: { max_tokens: 47 } });
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name.includes("ratelimit")));
  };

  test("in OpenAI's dialect tell requests and tokens per minute", async () => {
    expect(await headersAfterOneCall("headers=openai", "rpm=600", "tpm=600", "rpd=5", "itpm=900")).toEqual({
      "x-ratelimit-limit-requests": "600",
      "x-ratelimit-remaining-requests": "599",
      "x-ratelimit-reset-requests": "100ms",
      "x-ratelimit-limit-tokens": "600",
      "x-ratelimit-remaining-tokens": "540",
      "x-ratelimit-reset-tokens": "6s",
    });
  });

  test("in Groq's dialect tell requests per day", async () => {
    expect(await headersAfterOneCall("headers=groq", "rpm=600", "rpd=100", "tpm=10")).toMatchObject({
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": "100",
      "x-ratelimit-limit-tokens": "10",
    });
  });

  test("in Anthropic's dialect tell the times of the resets", async () => {
    expect(
      await headersAfterOneCall("headers=anthropic", "rpm=60", "itpm=130", "otpm=470", "tpd=1000"),
    ).toEqual({
      "anthropic-ratelimit-requests-limit": "60",
      "anthropic-ratelimit-requests-remaining": "59",
      "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:02Z",
      "anthropic-ratelimit-input-tokens-limit": "130",
      "anthropic-ratelimit-input-tokens-remaining": "117",
      "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:00:07Z",
      "anthropic-ratelimit-output-tokens-limit": "470",
      "anthropic-ratelimit-output-tokens-remaining": "423",
      "anthropic-ratelimit-output-tokens-reset": "2026-01-01T00:00:07Z",
    });
  });

  test("lie about twice the limit", async () => {
    expect(await headersAfterOneCall("headers=lying", "rpm=600")).toMatchObject({
      "x-ratelimit-limit-requests": "1200",
      "x-ratelimit-remaining-requests": "1198",
    });
  });

  test("are left out", async () => {
    expect(await headersAfterOneCall("headers=none", "rpm=600", "tpm=600")).toEqual({});
  });
});

describe("a 429 hints", () => {
  const refusal = async (hint: string) => {
    const rehearsal = await Rehearsal.start("rpm=1", "window=fixed:6m", `hint=${hint}`);
    for (let i = 0; i < 6; i++) await rehearsal.ask(`${i}`);
    return rehearsal.ask("6");
  };

  test.each([
    ["retry-after", "360"],
    ["retry-after-ms", "360000"],
  ])("in the header %s", async (name, value) => {
    expect((await refusal(name)).headers[name]).toBe(value);
  });

  test("by a date", async () => {
    expect((await refusal("retry-after-date")).headers["retry-after"]).toBe("Thu, 01 Jan 2026 00:06:00 GMT");
  });

  test("in its message", async () => {
    const { json, headers } = await refusal("message");
    expect(json.error.message).toMatch(/Requested 1\. Please try again in 6m0s\.$/);
    expect(headers["retry-after"]).toBeUndefined();
  });

  test("in Google's RetryInfo", async () => {
    const { json } = await refusal("google");
    expect(json.error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    expect(json.error.details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "360s" },
    ]);
  });

  test("not at all", async () => {
    const { json, headers } = await refusal("none");
    expect(json.error.message).not.toContain("again");
    expect(Object.keys(headers).filter((name) => name.startsWith("retry"))).toEqual([]);
  });
});
