import { describe, expect, test } from "vitest";
import { classify } from "../../../../src/provider/classify/classify.ts";
import { responsesForm } from "../../../../src/provider/wire/responses.ts";
import { CONTEXT, outcomeOf } from "./classified.ts";

const CODES: Readonly<Record<string, readonly string[]>> = {
  rejected: [
    "request_too_large",
    "context_length_exceeded",
    "string_above_max_length",
    "string_too_long",
    "max_tokens_exceeded",
    "token_limit_exceeded",
    "tokens_limit_reached",
    "content_filter",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
    "moderation",
    "moderation_blocked",
    "data_inspection_failed",
    "PROHIBITED_CONTENT",
    "invalid_request_error",
    "invalid_prompt",
    "BadRequestError",
    "INVALID_ARGUMENT",
  ],
  malformed: ["json_validate_failed", "tool_use_failed"],
  "blocked by account": [
    "insufficient_quota",
    "insufficient_balance",
    "insufficient_credits",
    "insufficient_funds",
    "billing_error",
    "billing_not_active",
    "billing_hard_limit_reached",
    "account_deactivated",
    "account_suspended",
    "exceeded_current_quota_error",
  ],
  "blocked by model": [
    "model_not_found",
    "model_not_available",
    "model_not_supported",
    "model_decommissioned",
    "model_terms_required",
    "model_permission_blocked_org",
    "invalid_model",
    "DeploymentNotFound",
    "ModelNotFound",
    "dedicated_endpoint_not_running",
  ],
  "blocked by key": [
    "invalid_api_key",
    "API_KEY_INVALID",
    "authentication_error",
    "permission_error",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
  ],
  overloaded: [
    "overloaded",
    "overloaded_error",
    "server_is_overloaded",
    "engine_overloaded_error",
    "service_unavailable",
    "capacity_exceeded",
    "service_tier_capacity_exceeded",
    "MODEL_CAPACITY_EXHAUSTED",
    "slow_down",
  ],
  throttled: [
    "rate_limit",
    "rate_limit_exceeded",
    "rate_limit_error",
    "rate_limited",
    "too_many_requests",
    "model_rate_limit",
    "throttling_error",
    "dynamic_request_limited",
    "dynamic_token_limited",
    "RESOURCE_EXHAUSTED",
  ],
};
const codes = Object.entries(CODES).flatMap(([end, names]) => names.map((code) => [code, end] as const));

test.each(codes)("the error code %s is %s", (code, end) => {
  const { kind, blockedBy } = outcomeOf(200, { error: { code, message: "no" } });
  expect(blockedBy === null ? kind : `${kind} by ${blockedBy}`).toBe(end);
});

describe("a response that failed under a 200", () => {
  const failed = (error: object) => {
    const body = JSON.stringify({ object: "response", status: "failed", error, output: [] });
    const reply = { status: 200, headers: {}, body, cutOff: false };
    return classify(reply, { ...CONTEXT, wire: responsesForm });
  };

  test.each([
    ["server_error", "transient"],
    ["rate_limit_exceeded", "throttled"],
    ["invalid_prompt", "rejected"],
    ["invalid_base64_image", "rejected"],
    ["image_content_policy_violation", "rejected"],
    ["unsupported_image_media_type", "rejected"],
    ["bio_policy", "rejected"],
    ["failed_to_download_image", "transient"],
    ["vector_store_timeout", "transient"],
  ])("with %s is %s", (code, kind) => {
    expect(failed({ code, message: "no" })).toMatchObject({ kind, code, message: "no" });
  });
});

describe("a status alone", () => {
  test.each([
    [400, "rejected"],
    [401, "blocked"],
    [402, "blocked"],
    [403, "blocked"],
    [404, "blocked"],
    [407, "blocked"],
    [408, "transient"],
    [409, "transient"],
    [413, "rejected"],
    [421, "blocked"],
    [422, "rejected"],
    [426, "blocked"],
    [429, "throttled"],
    [498, "overloaded"],
    [499, "transient"],
    [500, "transient"],
    [502, "transient"],
    [503, "overloaded"],
    [504, "transient"],
    [520, "transient"],
    [524, "transient"],
    [529, "overloaded"],
  ])("%i is %s", (status, kind) => {
    expect(outcomeOf(status, "")).toMatchObject({ kind, code: `http_${status}`, httpStatus: status });
  });

  test.each([
    "<html><center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center></html>",
    "Client sent an HTTP request to an HTTPS server.\n",
  ])("of a server that wants TLS refuses the address: %s", (body) => {
    const outcome = outcomeOf(400, body);
    expect(outcome).toMatchObject({ kind: "blocked", blockedBy: "endpoint", code: "http_400" });
    expect(outcome.message).toMatch(/HTTPS (port|server).*\(check --base-url\)$/);
  });

  test("of a row that quotes such a server refuses the row alone", () => {
    const error = { message: "no: Client sent an HTTP request to an HTTPS server." };
    expect(outcomeOf(400, { error })).toMatchObject({ kind: "rejected" });
  });

  test("402 with a hint is a throttle", () => {
    expect(outcomeOf(402, "", { headers: { "retry-after": "20" } })).toMatchObject({
      kind: "throttled",
      blockedBy: null,
      retryAfterMs: 20_000,
    });
  });

  test("a redirect names where it leads and what to check", () => {
    const outcome = outcomeOf(308, "", { headers: { location: "https://elsewhere.example/v1" } });
    expect(outcome).toMatchObject({ kind: "blocked", blockedBy: "endpoint", code: "redirect" });
    expect(outcome.message).toContain("https://elsewhere.example/v1");
    expect(outcome.message).toContain("--base-url");
  });

  test("404 of a wrong path says what to check", () => {
    expect(outcomeOf(404, { detail: "Not Found" }).message).toBe("Not Found (check --base-url and --model)");
    const { kind, message } = outcomeOf(404, { error: { code: 404, message: "File Not Found" } });
    expect([kind, message]).toEqual(["blocked", "File Not Found (check --base-url and --model)"]);
  });
});

test("a 403 about one request's own words doesn't speak of the key", () => {
  const message =
    "Input token count + `max_tokens` parameter must be less than the context length of the model being queried.";
  expect(outcomeOf(403, { error: { message, type: "invalid_request_error" } }).kind).toBe("rejected");
  expect(outcomeOf(403, { error: { message: "Access denied" } }).kind).toBe("blocked");
});

describe("what outranks what", () => {
  const retry = (value: string) => ({ headers: { "x-should-retry": value } });

  test("an x-should-retry that says neither is passed over", () => {
    for (const value of ["", "maybe", "constructor"]) {
      expect(outcomeOf(500, {}, retry(value)).kind).toBe("transient");
      expect(outcomeOf(400, {}, retry(value)).kind).toBe("rejected");
    }
  });

  test("the body's code outranks x-should-retry", () => {
    const throttle = { error: { code: "rate_limit_exceeded" } };
    expect(outcomeOf(429, throttle, retry("false")).kind).toBe("throttled");
    expect(outcomeOf(429, { error: { code: "insufficient_quota" } }, retry("true")).kind).toBe("blocked");
    expect(outcomeOf(400, { error: { code: "context_length_exceeded" } }, retry("true")).kind).toBe(
      "rejected",
    );
  });

  test("x-should-retry outranks the status", () => {
    expect(outcomeOf(500, "", retry("false")).kind).toBe("rejected");
    expect(outcomeOf(400, "", retry("true")).kind).toBe("transient");
  });

  test("a wish to be asked again keeps what the status says of it", () => {
    expect(outcomeOf(429, "", retry("true")).kind).toBe("throttled");
    expect(outcomeOf(529, "", retry("true")).kind).toBe("overloaded");
  });

  test("Gemini's 402 is about money, though its code is that of a throttle", () => {
    expect(outcomeOf(402, [{ error: { code: 402, status: "RESOURCE_EXHAUSTED" } }])).toMatchObject({
      kind: "blocked",
      blockedBy: "account",
    });
  });

  test.each([
    [400, "credit balance is too low", "rejected"],
    [429, "Limit 1, Requested 2", "throttled"],
  ])("what the message of a %i quotes far down, such as %o, decides nothing", (status, quoted, kind) => {
    const message = `can't read this prompt: ${"a".repeat(2_000)} ${quoted}`;
    expect(outcomeOf(status, { error: { message } }).kind).toBe(kind);
  });

  test("a wait above 15 minutes is a quota that is used up", () => {
    const wait = (seconds: number) => ({ headers: { "retry-after": String(seconds) } });
    expect(outcomeOf(429, "", wait(900)).kind).toBe("throttled");
    expect(outcomeOf(429, "", wait(901)).kind).toBe("exhausted");
  });
});
