import type { LlmBatchError } from "./errors.ts";

/** What a look at one thing came to, for `llm-batch doctor`. */
export interface Check {
  name: string;
  /** `warning`: works, but not as one would wish. `failed`: a run would not work, or what is stored is wrong. */
  verdict: "ok" | "warning" | "failed";
  /** One line. */
  message: string;
  /** The command or change that mends it. */
  hint?: string;
}

export function passed(name: string, message: string): Check {
  return { name, verdict: "ok", message };
}

export function warned(name: string, message: string, hint: string): Check {
  return { name, verdict: "warning", message, hint };
}

export function failed(name: string, message: string, hint: string): Check {
  return { name, verdict: "failed", message, hint };
}

/** The check that an error for users amounts to. */
export function failedBy(name: string, { code, message, hint }: LlmBatchError): Check {
  return failed(name, `${code}: ${message}`, hint);
}
