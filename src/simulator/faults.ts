import type { Fault, FaultRule } from "./fault-rule.ts";
import { draw, Purpose } from "./seeded.ts";
import { isWithin, type Progress } from "./span.ts";

/** A fault and the name it is counted under. */
export interface ChosenFault {
  name: string;
  fault: Fault;
}

/** The call a fault is looked for: which one of its prompt, and where in the rehearsal. */
export interface FaultSubject extends Progress {
  prompt: string;
  promptHash: number;
  /** 1 for the first call of this prompt that got past the limits. */
  callOfPrompt: number;
}

/** What `faults=1%` draws from, each as likely as the others. */
const MIX: readonly ChosenFault[] = [
  ...[500, 502, 503, 529].map((status) => ({
    name: String(status),
    fault: { kind: "error", error: status, in200: false, retry: null } as const,
  })),
  ...(["reset", "truncated", "non-json"] as const).map((kind) => ({
    name: kind,
    fault: { kind, overMs: 0 } as const,
  })),
];

/** The first rule that strikes, else a fault of the mix at `mixRate`, else none. */
export function chooseFault(
  rules: readonly FaultRule[],
  mixRate: number,
  subject: FaultSubject,
): ChosenFault | null {
  const struck = rules.find((rule, index) => strikes(rule, index, subject));
  if (struck) return struck;
  const { promptHash, callOfPrompt } = subject;
  if (mixRate === 0 || draw(promptHash, callOfPrompt, Purpose.faultMix) >= mixRate) return null;
  return MIX[Math.floor(draw(promptHash, callOfPrompt, Purpose.faultMixKind) * MIX.length)]!;
}

function strikes(rule: FaultRule, index: number, subject: FaultSubject): boolean {
  const { prompt, promptHash, callOfPrompt } = subject;
  return (
    callOfPrompt <= rule.times &&
    isWithin(rule.span, subject) &&
    prompt.includes(rule.match) &&
    (rule.rate === 1 || draw(promptHash, callOfPrompt, Purpose.faultRule + index) < rule.rate)
  );
}
