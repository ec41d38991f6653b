/** An error before it is put into a wire form. */
export interface SimulatedError {
  status: number;
  message: string;
  /** The family of the error, in OpenAI's words. */
  type: string;
  code: string | null;
  /** The request field at fault. */
  param: string | null;
}

const NAMED_ERRORS = {
  "insufficient-quota": {
    status: 429,
    message: "The quota of this account is used up. Check its plan and its billing details.",
    type: "insufficient_quota",
    code: "insufficient_quota",
    param: null,
  },
  "context-length": {
    status: 400,
    message: "This model's maximum context length is 8192 tokens, and the messages have more. Shorten them.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  },
  "content-filter": {
    status: 400,
    message: "The prompt was refused by the content filter.",
    type: "invalid_request_error",
    code: "content_filter",
    param: "prompt",
  },
} as const satisfies Record<string, SimulatedError>;

/** Errors that share their status with another one. */
export type ErrorName = keyof typeof NAMED_ERRORS;

export function isErrorName(text: string): text is ErrorName {
  return Object.hasOwn(NAMED_ERRORS, text);
}

const BY_STATUS: Readonly<Record<number, Omit<SimulatedError, "status" | "param">>> = {
  401: { message: "The API key is not valid.", type: "invalid_request_error", code: "invalid_api_key" },
  402: { message: "This account has no credit left.", type: "billing_error", code: "payment_required" },
  403: { message: "This key may not use this model.", type: "permission_error", code: "permission_denied" },
  404: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
  429: { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" },
  503: { message: "The server is overloaded.", type: "server_error", code: "service_unavailable" },
  529: { message: "Overloaded.", type: "overloaded_error", code: "overloaded_error" },
};

/** The error a scripted fault answers with. */
export function simulatedError(error: ErrorName | number): SimulatedError {
  if (typeof error === "string") return NAMED_ERRORS[error];
  const family =
    error < 500
      ? { message: "The request was refused.", type: "invalid_request_error", code: null }
      : { message: "The server had an error.", type: "server_error", code: null };
  return { status: error, param: null, ...(BY_STATUS[error] ?? family) };
}

/** A request that doesn't follow the API. */
export function badRequest(message: string, param: string | null): SimulatedError {
  return { status: 400, message, type: "invalid_request_error", code: null, param };
}

export function modelNotFound(model: string): SimulatedError {
  return {
    ...simulatedError(404),
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    param: "model",
  };
}
