import type { OutcomeKind } from "../../domain/outcome.ts";

/** How an error is treated. */
export interface Verdict {
  kind: OutcomeKind;
  blockedBy?: "key" | "account" | "model" | "endpoint";
}

/** Holds when each of the conditions it has holds; a pattern for codes when any code of the body fits. */
interface ErrorRule extends Verdict {
  status?: readonly number[];
  code?: RegExp;
  message?: RegExp;
}

const BLOCKED_KEY = { kind: "blocked", blockedBy: "key" } as const;
const BLOCKED_ACCOUNT = { kind: "blocked", blockedBy: "account" } as const;
export const BLOCKED_ENDPOINT = { kind: "blocked", blockedBy: "endpoint" } as const;
const BLOCKED_MODEL = { kind: "blocked", blockedBy: "model" } as const;

/** What the body says, the first rule that holds deciding. Read it top down, as the order is part of it. */
export const BODY_RULES: readonly ErrorRule[] = [
  // Larger than the limit itself: no wait will help. Groq says so with 413 and the code of a throttle.
  { status: [413], kind: "rejected" },
  { status: [429], code: /^requested_above_limit$/, kind: "rejected" },
  { message: /^request too large\b|required for long context/i, kind: "rejected" },
  {
    code: /^(request_too_large|context_length_exceeded|string_(above_max_length|too_long)|max_tokens_exceeded|token_limit_exceeded|tokens_limit_reached)$/,
    kind: "rejected",
  },
  {
    code: /^(content_filter|content_policy_violation|ResponsibleAIPolicyViolation|moderation|moderation_blocked|data_inspection_failed|PROHIBITED_CONTENT)$/,
    kind: "rejected",
  },
  // Together's answer to a request that is too long, and xAI's to one that its filter holds back.
  { status: [403], message: /\bcontext length\b|^content violates usage guidelines/i, kind: "rejected" },

  // Groq's 400 for an answer that it made and couldn't use: asked again, the model makes another.
  { code: /^(json_validate_failed|tool_use_failed)$/, kind: "malformed" },

  // Money.
  {
    code: /^(insufficient_(quota|balance|credits|funds)|billing_(error|not_active|hard_limit_reached)|account_(deactivated|suspended)|exceeded_current_quota_error)$/,
    ...BLOCKED_ACCOUNT,
  },
  {
    message:
      /credit balance is too low|reached your specified (api|workspace) usage limits|used all available credits|run out of credits|^insufficient balance$/i,
    ...BLOCKED_ACCOUNT,
  },
  { status: [402], code: /^RESOURCE_EXHAUSTED$/, ...BLOCKED_ACCOUNT },

  // What one request refers to, or asks for: others may be answered. A server without the path says "File Not Found" alone.
  {
    status: [404],
    message:
      /^(item|file|conversation|prompt|container|vector store)\b.{1,200} not found\b|^file not found: file_/i,
    kind: "rejected",
  },
  { status: [404], message: /^no endpoints found that (can|support)/i, kind: "rejected" },

  // The model.
  {
    code: /^(model_(not_found|not_available|not_supported|decommissioned|terms_required|permission_blocked_\w+)|invalid_model|DeploymentNotFound|ModelNotFound|dedicated_endpoint_not_running)$/,
    ...BLOCKED_MODEL,
  },
  {
    status: [400, 404],
    message: /is not a valid model|^invalid model|^the (requested )?model\b.{0,200} does not exist/i,
    ...BLOCKED_MODEL,
  },

  // The key. Gemini and xAI say so with 400.
  {
    code: /^(invalid_api_key|API_KEY_INVALID|authentication_error|permission_error|PERMISSION_DENIED|UNAUTHENTICATED)$/,
    ...BLOCKED_KEY,
  },
  {
    message: /^(incorrect|invalid) api key|^api key (not valid|expired)|^user location is not supported/i,
    ...BLOCKED_KEY,
  },

  // Too much for the server, whoever asks; some say so with 429.
  {
    code: /^(overloaded|overloaded_error|server_is_overloaded|engine_overloaded\w*|service_unavailable|capacity_exceeded|service_tier_capacity_exceeded|MODEL_CAPACITY_EXHAUSTED|slow_down)$/,
    kind: "overloaded",
  },
  {
    message:
      /service tier capacity exceeded|no capacity available|\b(engine|model|server)s? (is|are) (currently )?overloaded/i,
    kind: "overloaded",
  },

  // Too much from us: for the day, or for now. Gemini's bodies speak of billing here, and mean a rate.
  { status: [429], code: /PerDay/, kind: "exhausted" },
  { status: [429], message: /\bper[ -]day\b|\b[RT]PD\b|\bdaily (limit|quota)/i, kind: "exhausted" },
  {
    code: /^(rate_limit(_exceeded|_error|ed)?|rate_limited|too_many_requests|model_rate_limit|throttling_error|dynamic_(request|token)_limited|RESOURCE_EXHAUSTED)$/i,
    kind: "throttled",
  },

  // What OpenAI says of a request's own pictures and words in a response that failed under a 200.
  {
    status: [200],
    code: /^(invalid_(image\w*|base64_image)|image_\w+|unsupported_image_media_type|empty_image_file|bio_policy|data_residency_mismatch)$/,
    kind: "rejected",
  },

  // Types that say no more than a status would; they count where the status says less: 200, or none of its own.
  {
    status: [200, 500, 502, 504],
    code: /^(server_error|internal(_server)?_error|api_error|INTERNAL|timeout_error|DEADLINE_EXCEEDED)$/,
    kind: "transient",
  },
  {
    status: [200, 400, 422],
    code: /^(invalid_request_error|invalid_prompt|BadRequestError|INVALID_ARGUMENT)$/,
    kind: "rejected",
  },
];

/** What the status alone says; others by their hundred, below. */
export const STATUS_VERDICTS: Readonly<Record<number, Verdict>> = {
  401: BLOCKED_KEY,
  402: BLOCKED_ACCOUNT,
  403: BLOCKED_KEY,
  404: BLOCKED_MODEL,
  405: BLOCKED_MODEL,
  407: BLOCKED_ENDPOINT,
  408: { kind: "transient" },
  409: { kind: "transient" },
  412: BLOCKED_ACCOUNT,
  421: BLOCKED_ENDPOINT,
  425: { kind: "transient" },
  426: BLOCKED_ENDPOINT,
  429: { kind: "throttled" },
  498: { kind: "overloaded" },
  499: { kind: "transient" },
  503: { kind: "overloaded" },
  529: { kind: "overloaded" },
};
