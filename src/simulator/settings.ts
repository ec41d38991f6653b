import { parseDuration } from "../domain/duration.ts";
import { type Distribution, parseDistribution } from "./distribution.ts";
import { type FaultRule, parseCount, parseFaultRule, parsePercent } from "./fault-rule.ts";
import { parseWindowForm, type WindowForm } from "./limits/window-form.ts";
import { type Outage, parseOutage } from "./outage.ts";
import { HEADER_DIALECTS, type HeaderDialect } from "./quota-headers.ts";
import { HINT_FORMS, type HintForm } from "./retry-hint.ts";

const ANSWER_STYLES = ["short", "echo", "lorem"] as const;
type AnswerStyle = (typeof ANSWER_STYLES)[number];

const CHARGINGS = ["upfront", "actual"] as const;
const OVERFLOWS = ["queue", "refuse"] as const;

/** How the simulated provider behaves. {@link SIMULATOR_SETTINGS} says what each setting means. */
export interface SimulatorSettings {
  seed: number;
  answer: AnswerStyle;
  /** Milliseconds. */
  latency: Distribution;
  /** Tokens; null for as many as the answer's text has. */
  "output-tokens": Distribution | null;
  /** Share of the input tokens, 0 to 1. */
  cached: number;
  /** Share of the output tokens, 0 to 1. */
  reasoning: number;
  /** Numbers of an embedding, where the request doesn't say. */
  dim: number;
  concurrency: number | null;
  overflow: (typeof OVERFLOWS)[number];
  "require-key": string | null;
  models: readonly string[] | null;
  rpm: number | null;
  tpm: number | null;
  itpm: number | null;
  otpm: number | null;
  rpd: number | null;
  tpd: number | null;
  window: WindowForm;
  charging: (typeof CHARGINGS)[number];
  headers: HeaderDialect;
  hint: HintForm;
  /** Share of the calls, 0 to 1. */
  faults: number;
  fault: readonly FaultRule[];
  outage: readonly Outage[];
}

/** How a setting is told. */
export interface SimulatorSetting<T> {
  description: string;
  /** What may be told, for help and errors. */
  form: string;
  /** As text. */
  default: string;
  /** Whether it may be given several times; `parse` then gives a list of one. */
  repeats: boolean;
  /** Null when the text isn't of the form. */
  parse(text: string): { value: T } | null;
}

type SettingTable = { readonly [Name in keyof SimulatorSettings]: SimulatorSetting<SimulatorSettings[Name]> };

/** Every setting by its name, which is also its flag: what `parseSimulatorSettings`, flags and help go by. */
export const SIMULATOR_SETTINGS: SettingTable = {
  seed: setting("whatever is random follows from it", "a whole number", "1", (text) =>
    /^\d{1,9}$/.test(text) ? Number(text) : null,
  ),
  answer: oneOf(
    "the text of the answers: a short one, the prompt itself, or a long one",
    ANSWER_STYLES,
    "short",
  ),
  latency: setting(
    "time a call takes",
    "200ms, uniform:50ms-200ms or lognormal:median=6s,sigma=0.4",
    "0ms",
    (text) => parseDistribution(text, (part) => (part === "0" ? 0 : parseDuration(part))),
  ),
  "output-tokens": orNone(
    "length of the answers",
    "200, uniform:50-200 or lognormal:median=200,sigma=0.5",
    (text) => parseDistribution(text, parseCount),
  ),
  cached: setting("share of the input read from the cache", "a percentage", "0%", parsePercent),
  reasoning: setting("share of the output that was thought", "a percentage", "0%", parsePercent),
  dim: setting("numbers of an embedding, unless the request says", "a number from 1", "8", parseCount),
  concurrency: orNone("calls worked on at once", "a number from 1", parseCount),
  overflow: oneOf("what becomes of calls above `concurrency`: they wait, or get a 429", OVERFLOWS, "queue"),
  "require-key": orNone("the key that is accepted", "a key", (text) => text || null),
  models: orNone(
    "the models there are; by default every model asked for",
    "names with commas between them",
    parseNames,
  ),
  rpm: limit("requests per minute"),
  tpm: limit("input and output tokens per minute"),
  itpm: limit("input tokens per minute"),
  otpm: limit("output tokens per minute"),
  rpd: limit("requests per 24 hours from the start"),
  tpd: limit("input and output tokens per 24 hours from the start"),
  window: setting(
    "how the limits per minute are enforced, and over which span",
    "bucket:60s, fixed:60s or sliding:60s, with any duration",
    "bucket:60s",
    parseWindowForm,
  ),
  charging: oneOf(
    "output tokens charged to the limits: max_tokens, or those of the answer",
    CHARGINGS,
    "upfront",
  ),
  headers: oneOf("rate limit headers; `lying` claims twice the limit", HEADER_DIALECTS, "openai"),
  hint: oneOf("how a 429 says when to come back", HINT_FORMS, "retry-after"),
  faults: setting(
    "share of calls that fail in one way or another: 500, 502, 503, 529, reset, truncated, non-json",
    "a percentage",
    "0%",
    parsePercent,
  ),
  fault: repeated(
    "a scripted fault",
    "KIND, then any of :rate=5% :from=30s :to=90s :match=TEXT :times=2 :status=500 :hint=message :after=2s :over=10s " +
      "without spaces, KIND being a status, insufficient-quota, context-length, content-filter, hang, reset, reset-body, slow, " +
      "truncated, non-json, empty, wrong-type, cut (at the token limit), invalid (for its schema) or error-in-200",
    parseFaultRule,
  ),
  outage: repeated(
    "a planned outage, as 503 or as given",
    "30s-90s or calls:100-140, and :STATUS or :reset after it",
    parseOutage,
  ),
};

function setting<T>(
  description: string,
  form: string,
  fallback: string,
  parse: (text: string) => T | null,
): SimulatorSetting<T> {
  const parseValue = (text: string): { value: T } | null => {
    const value = parse(text);
    return value === null ? null : { value };
  };
  return { description, form, default: fallback, repeats: false, parse: parseValue };
}

function orNone<T>(
  description: string,
  form: string,
  parse: (text: string) => T | null,
): SimulatorSetting<T | null> {
  const some = setting(description, `${form}, or none`, "none", parse);
  return { ...some, parse: (text) => (text === "none" ? { value: null } : some.parse(text)) };
}

function repeated<T>(
  description: string,
  form: string,
  parse: (text: string) => T | null,
): SimulatorSetting<readonly T[]> {
  const one = setting(description, `${form}; or none`, "none", parse);
  const parseList = (text: string): { value: readonly T[] } | null => {
    if (text === "none") return { value: [] };
    const item = one.parse(text);
    return item && { value: [item.value] };
  };
  return { ...one, repeats: true, parse: parseList };
}

function limit(description: string): SimulatorSetting<number | null> {
  return orNone(description, "a number from 1", parseCount);
}

function oneOf<T extends string>(description: string, words: readonly T[], fallback: T): SimulatorSetting<T> {
  return setting(
    description,
    words.join(", "),
    fallback,
    (text) => words.find((word) => word === text) ?? null,
  );
}

function parseNames(text: string): readonly string[] | null {
  const names = text.split(",").map((name) => name.trim());
  return names.every((name) => name !== "") ? names : null;
}
