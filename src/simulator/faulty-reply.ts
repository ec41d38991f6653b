import type { ErrorFault, Fault } from "./fault-rule.ts";
import { errorReply, htmlReply, jsonReply, type Reply } from "./reply.ts";
import type { RetryHint } from "./retry-hint.ts";
import { simulatedError } from "./simulated-error.ts";
import type { SimulatedAnswer, WireForm } from "./wire/wire-form.ts";

/** What a faulty reply is made of. */
interface Material {
  form: WireForm;
  /** The answer the call would have got. */
  answer: SimulatedAnswer;
  headers: readonly string[];
  /** Writes a fault's retry hint. */
  hint(retry: NonNullable<ErrorFault["retry"]>): RetryHint;
}

/** The reply of a call that a fault strikes. */
export function faultyReply(fault: Fault, material: Material): Reply {
  const { form, answer, headers } = material;
  switch (fault.kind) {
    case "error":
      return scriptedError(fault, material);
    case "empty":
    case "wrong-type":
      return jsonReply(200, form.answer(answer, fault.kind), headers);
    case "non-json":
      return htmlReply(headers);
    case "slow":
      return jsonReply(200, form.answer(answer, "whole"), headers, { kind: "slow", overMs: fault.overMs });
    default:
      return jsonReply(200, form.answer(answer, "whole"), headers, { kind: fault.kind });
  }
}

function scriptedError({ error, in200, retry }: ErrorFault, { form, headers, hint }: Material): Reply {
  const reply = errorReply(form, simulatedError(error), headers, retry ? hint(retry) : undefined);
  return in200 ? { ...reply, status: 200 } : reply;
}
