import { describe, expect, it } from "vitest";
import { OUTCOME_RULES, type OutcomeKind } from "../../../src/domain/outcome.ts";

const KINDS = Object.keys(OUTCOME_RULES) as OutcomeKind[];

function kindsWhere(holds: (rule: (typeof OUTCOME_RULES)[OutcomeKind]) => boolean): OutcomeKind[] {
  return KINDS.filter((kind) => holds(OUTCOME_RULES[kind]));
}

describe("the rules of outcomes", () => {
  it("ask anew only where the provider answered, so that its answer isn't given again from its memory", () => {
    expect(kindsWhere((rule) => rule.asksAnew)).toEqual(["malformed", "invalid"]);
  });

  it("use up an answer only for one that doesn't fit", () => {
    expect(kindsWhere((rule) => rule.job === "reask")).toEqual(["invalid"]);
  });

  it("take an answer that is refused as a sign that the provider is up", () => {
    expect(kindsWhere((rule) => rule.breaker === "success")).toEqual(["succeeded", "malformed", "invalid"]);
  });

  it("give a failure back only where the breaker took it for the provider's", () => {
    expect(kindsWhere((rule) => rule.forgivable && rule.breaker !== "failure")).toEqual([]);
    expect(kindsWhere((rule) => rule.forgivable && rule.job !== "retry")).toEqual([]);
  });
});
