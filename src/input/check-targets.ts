import { modelSent } from "../domain/model-sent.ts";
import { type RequestSettings, type Target, targetsOf } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import type { Charge } from "../domain/usage.ts";
import { type BuildRequest, type BuiltRequest, compileRequest } from "../request/compile-request.ts";
import { RowError } from "../request/row-error.ts";

/** Checks a row's request, as it is built for the run's first endpoint, with everybody else whom it may be sent to. */
export type CheckTargets = (row: Row, request: BuiltRequest) => Charge;

/**
 * Makes ready to check that rows can be sent wherever they may go, and that they can go anywhere. What is checked gives the
 * most that the call may be charged.
 * @throws LlmBatchError as `compileRequest`
 */
export function compileTargetCheck(settings: RequestSettings): CheckTargets {
  const [first, ...others] = targetsOf(settings);
  const checked = others.map((target) => ({ target, build: buildOfItsOwn(target, first!, settings) }));
  return (row, { rowModel, charge }) => {
    let most = charge;
    let isServed = modelSent(first!, rowModel) !== undefined;
    for (const { target, build } of checked) {
      const model = modelSent(target, rowModel);
      if (model === undefined) continue;
      isServed = true;
      if (build !== null) most = larger(most, chargeOf(row, model, target, build));
    }
    if (!isServed) throw new RowError("MODEL_NOT_SERVED", `no endpoint serves the model "${rowModel}"`);
    return most;
  };
}

/** Null for a target whose requests are those of the first but for the model. */
function buildOfItsOwn(target: Target, first: Target, settings: RequestSettings): BuildRequest | null {
  const isAlike = target.api === first.api && (target.model === null) === (first.model === null);
  return isAlike ? null : compileRequest({ ...settings, ...target });
}

function chargeOf(row: Row, model: string | null, { name }: Target, build: BuildRequest): Charge {
  try {
    return build(row, model).charge;
  } catch (error) {
    if (!(error instanceof RowError)) throw error;
    throw new RowError(error.code, `for the endpoint ${name}: ${error.message}`);
  }
}

/** 0 output tokens are those that nothing bounds. */
function larger(a: Charge, b: Charge): Charge {
  const isBounded = a.outputTokens > 0 && b.outputTokens > 0;
  return {
    inputTokens: Math.max(a.inputTokens, b.inputTokens),
    outputTokens: isBounded ? Math.max(a.outputTokens, b.outputTokens) : 0,
  };
}
