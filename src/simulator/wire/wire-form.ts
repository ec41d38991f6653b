import type { IncomingHttpHeaders } from "node:http";
import type { Usage } from "../../domain/usage.ts";
import type { SimulatedError } from "../simulated-error.ts";

/** A request, as far as the simulator cares. */
export interface WireRequest {
  model: string;
  /** What tells requests apart, and what `echo` answers. */
  prompt: string;
  inputTokens: number;
  /** The most output tokens the request allows; null when it doesn't say. */
  maxOutputTokens: number | null;
}

/** An answer before it is put into a wire form. */
export interface SimulatedAnswer {
  /** 16 hexadecimal digits. */
  id: string;
  model: string;
  /** Seconds since the Unix epoch. */
  createdAt: number;
  text: string;
  /** Whether the text was cut off at the most tokens allowed. */
  isCut: boolean;
  usage: Usage;
}

/** The body of a 200: right, without any answer in it, or with a value of the wrong type. */
export type AnswerShape = "whole" | "empty" | "wrong-type";

/** One API the simulator speaks: all that is peculiar to it. */
export interface WireForm {
  /** The path with its version, e.g. `/v1/chat/completions`. */
  readonly path: string;
  /** The key a call comes with; null without one. */
  apiKey(headers: IncomingHttpHeaders): string | null;
  /** Reads a parsed body, or says what is wrong with it. */
  parse(body: unknown): WireRequest | SimulatedError;
  answer(answer: SimulatedAnswer, shape: AnswerShape): string;
  error(error: SimulatedError): string;
}

/** Tells what {@link WireForm.parse} gives apart. */
export function isError(parsed: WireRequest | SimulatedError): parsed is SimulatedError {
  return "status" in parsed;
}
