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
  /** The JSON Schema that the answer is asked to fit; null for any text. */
  schema: unknown;
  /** The body of a 200 that answers it. */
  answer(answer: SimulatedAnswer, shape: AnswerShape): string;
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
  /** What embeddings follow from, besides their inputs. */
  seed: number;
  /** Numbers of an embedding, unless the request says. */
  dim: number;
}

/** The body of a 200: right, without any answer in it, or with a value of the wrong type. */
export type AnswerShape = "whole" | "empty" | "wrong-type";

/** One API the simulator speaks: all that is peculiar to it. */
export interface WireForm {
  /** The path with its version, e.g. `/v1/chat/completions`. */
  readonly path: string;
  /** The header that names a request to its provider's support. */
  readonly requestIdHeader: "x-request-id" | "request-id";
  /** The key a call comes with; null without one. */
  apiKey(headers: IncomingHttpHeaders): string | null;
  /**
   * Reads a parsed body.
   * @throws BadBody
   */
  parse(body: unknown): WireRequest;
  error(error: SimulatedError): string;
}
