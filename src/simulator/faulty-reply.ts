import type { ErrorFault, Fault } from "./fault-rule.ts";
import { errorReply, htmlReply, jsonReply, type Reply } from "./reply.ts";
import type { RetryHint } from "./retry-hint.ts";
import { simulatedError } from "./simulated-error.ts";
import type { SimulatedAnswer, WireForm, WireRequest } from "./wire/wire-form.ts";

/** What a faulty reply is made of. */
interface Material {
  form: WireForm;
  request: WireRequest;
  /** The answer the call would have got. */
  answer: SimulatedAnswer;
  headers: readonly string[];
  /** Writes a fault's retry hint. */
  hint(retry: NonNullable<ErrorFault["retry"]>): RetryHint;
}

/** What becomes of the text of an answer; in a list, an answer no longer fits the schema it was made from. */
const SPOILT: Readonly<Record<"cut" | "invalid", (answer: SimulatedAnswer) => SimulatedAnswer>> = {
  cut: (answer) => ({ ...answer, text: halfOf(answer.text), isCut: true }),
  invalid: (answer) => ({ ...answer, text: `[${answer.text}]` }),
};

/** The reply of a call that a fault strikes. */
export function faultyReply(fault: Fault, material: Material): Reply {
  const { request, answer, headers } = material;
  switch (fault.kind) {
    case "error":
      return scriptedError(fault, material);
    case "empty":
    case "wrong-type":
      return jsonReply(200, request.answer(answer, fault.kind), headers);
    case "cut":
    case "invalid":
      return jsonReply(200, request.answer(SPOILT[fault.kind](answer), "whole"), headers);
    case "non-json":
      return htmlReply(headers);
    case "slow":
      return jsonReply(200, request.answer(answer, "whole"), headers, { kind: "slow", overMs: fault.overMs });
    default:
      return jsonReply(200, request.answer(answer, "whole"), headers, { kind: fault.kind });
  }
}

function scriptedError({ error, in200, retry }: ErrorFault, { form, headers, hint }: Material): Reply {
  const reply = errorReply(form, simulatedError(error), headers, retry ? hint(retry) : undefined);
  return in200 ? { ...reply, status: 200 } : reply;
}

/** The beginning, never cut inside a character. */
function halfOf(text: string): string {
  const characters = Array.from(text);
  return characters.slice(0, Math.ceil(characters.length / 2)).join("");
}
