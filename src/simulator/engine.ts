import type { IncomingHttpHeaders } from "node:http";
import type { Usage } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import { simulateAnswer } from "./answer.ts";
import type { ControlChange } from "./control.ts";
import { sample } from "./distribution.ts";
import { chooseFault } from "./faults.ts";
import { faultyReply } from "./faulty-reply.ts";
import { Quota } from "./limits/quota.ts";
import { findOutage, type OutageForm } from "./outage.ts";
import { quotaHeaders } from "./quota-headers.ts";
import { concurrencyError, errorReply, jsonReply, NO_REPLY, type Reply, rateLimitError } from "./reply.ts";
import { type HintForm, type RetryHint, retryHint } from "./retry-hint.ts";
import { hashText, Purpose } from "./seeded.ts";
import type { SimulatorSettings } from "./settings.ts";
import { modelNotFound, type SimulatedError, simulatedError } from "./simulated-error.ts";
import { Slots } from "./slots.ts";
import { type CallEnd, CallStats, type PromptCount, type SimulatorStats } from "./stats.ts";
import { BadBody, refuse } from "./wire/body.ts";
import type { SimulatedAnswer, WireForm, WireRequest } from "./wire/wire-form.ts";

/** What becomes of a call: the reply, and how long it takes. */
interface Fate {
  reply: Reply;
  /** Null where the call is turned away at once and takes no slot. */
  latencyMs: number | null;
  /** Set for a right answer. */
  usage: Usage | null;
}

/** A call that has been judged and waits for its reply to be brought. */
export interface JudgedCall extends Fate {
  /** Counts the call; to be called once, when it is over. */
  end(end: CallEnd): void;
}

/** A call that got past the limits. */
interface AdmittedCall {
  promptHash: number;
  /** 1 for the first call of its prompt that got past them. */
  callOfPrompt: number;
  /** What it gets unless a fault strikes. */
  answer: SimulatedAnswer;
}

/** The hint of a refusal that no limit can time. */
const UNTIMED_RETRY_MS = 1_000;

/** The simulated provider without its network: judges each call as it comes in. */
export class Engine {
  readonly slots: Slots;
  readonly #clock: Clock;
  readonly #quota: Quota;
  #settings: SimulatorSettings;
  #stats: CallStats;
  #startedAt: number;
  #inFlight = 0;
  #ongoingOutage: OutageForm | null = null;

  constructor(settings: SimulatorSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#stats = new CallStats(settings.window.spanMs);
    this.#quota = new Quota(settings, settings.window, this.#startedAt);
    this.slots = new Slots(settings.concurrency ?? Infinity);
  }

  get settings(): SimulatorSettings {
    return this.#settings;
  }

  stats(): SimulatorStats {
    const outageActive = this.#findOutage(this.#stats.calls + 1) !== null;
    return this.#stats.report({ queued: this.slots.waiting, outageActive });
  }

  /** Calls by the full text of the prompt. */
  prompts(): ReadonlyMap<string, PromptCount> {
    return this.#stats.prompts();
  }

  control({ settings, outage, resetStats }: ControlChange): void {
    this.#settings = { ...this.#settings, ...settings };
    if (settings) {
      this.#quota.configure(this.#settings, this.#settings.window, this.#clock.now());
      this.slots.resize(this.#settings.concurrency ?? Infinity);
    }
    if (outage !== undefined) this.#ongoingOutage = outage === "end" ? null : outage;
    if (resetStats) {
      this.#stats = new CallStats(this.#settings.window.spanMs);
      this.#startedAt = this.#clock.now();
    }
  }

  receive(form: WireForm, headers: IncomingHttpHeaders, body: string): JudgedCall {
    const stats = this.#stats;
    this.#inFlight++;
    stats.begin(this.#inFlight, this.#clock.wall());
    const request = parseBody(form, body);
    const prompt = isError(request) ? null : stats.beginPrompt(request.prompt);
    const fate = this.#judge(form, headers, request, prompt);
    const end = (how: CallEnd): void => {
      this.#inFlight--;
      stats.end(how, fate.reply.status);
      if (how === "answered" && fate.usage) stats.succeed(prompt!, fate.usage);
    };
    return { ...fate, end };
  }

  #judge(
    form: WireForm,
    headers: IncomingHttpHeaders,
    request: WireRequest | SimulatedError,
    prompt: PromptCount | null,
  ): Fate {
    const outage = this.#findOutage(this.#stats.calls);
    if (outage !== null) {
      this.#stats.outageCall();
      return turnAway(outage === "reset" ? NO_REPLY : errorReply(form, simulatedError(outage), []));
    }
    const mistake = isError(request) ? request : this.#findMistake(form, headers, request);
    if (mistake) return turnAway(errorReply(form, mistake, []));
    return this.#admit(form, request as WireRequest, prompt!);
  }

  #findOutage(call: number): OutageForm | null {
    const progress = { elapsedMs: this.#clock.now() - this.#startedAt, call };
    return this.#ongoingOutage ?? findOutage(this.#settings.outage, progress);
  }

  #findMistake(form: WireForm, headers: IncomingHttpHeaders, { model }: WireRequest): SimulatedError | null {
    const { "require-key": key, models } = this.#settings;
    if (key !== null && form.apiKey(headers) !== key) return simulatedError(401);
    return models && !models.includes(model) ? modelNotFound(model) : null;
  }

  #admit(form: WireForm, request: WireRequest, prompt: PromptCount): Fate {
    const { concurrency, overflow, charging, seed } = this.#settings;
    if (overflow === "refuse" && this.slots.isFull) {
      return this.#refuse(form, concurrencyError(concurrency!), UNTIMED_RETRY_MS);
    }
    const now = this.#clock.now();
    const promptHash = hashText(seed, request.prompt);
    const answer = simulateAnswer(request, this.#settings, {
      promptHash,
      callOfPrompt: prompt.accepted + 1,
      createdAt: Math.floor(this.#clock.wall() / 1_000),
    });
    const { inputTokens, outputTokens } = answer.usage;
    const charged = charging === "actual" ? outputTokens : (request.maxOutputTokens ?? 0);
    const taken = this.#quota.take({ inputTokens, outputTokens: charged }, now);
    if (!taken.ok) {
      return this.#refuse(form, rateLimitError(taken.refusal, request.model), taken.retryAfterMs);
    }
    this.#stats.accept(prompt, inputTokens + charged, now);
    return this.#work(form, request, { promptHash, callOfPrompt: prompt.accepted, answer });
  }

  #refuse(form: WireForm, error: SimulatedError, retryAfterMs: number): Fate {
    this.#stats.refuse();
    return turnAway(errorReply(form, error, this.#quotaHeaders(), this.#hint(null, retryAfterMs)));
  }

  /** What becomes of a call that got past the limits: an answer, unless a fault strikes. */
  #work(form: WireForm, request: WireRequest, { promptHash, callOfPrompt, answer }: AdmittedCall): Fate {
    const { latency, fault: rules, faults: mixRate } = this.#settings;
    const progress = { elapsedMs: this.#clock.now() - this.#startedAt, call: this.#stats.calls };
    const { prompt } = request;
    const chosen = chooseFault(rules, mixRate, { prompt, promptHash, callOfPrompt, ...progress });
    const latencyMs = sample(latency, promptHash, callOfPrompt, Purpose.latency);
    const headers = [form.requestIdHeader, `req_${answer.id}`, ...this.#quotaHeaders()];
    if (!chosen) {
      return {
        reply: jsonReply(200, request.answer(answer, "whole"), headers),
        latencyMs,
        usage: answer.usage,
      };
    }
    this.#stats.fault(chosen.name);
    const reply = faultyReply(chosen.fault, {
      form,
      request,
      answer,
      headers,
      hint: ({ form: hintForm, afterMs }) => this.#hint(hintForm, afterMs),
    });
    const usage = chosen.fault.kind === "slow" ? answer.usage : null;
    // A 4xx is a refusal, and those don't take the time of an answer.
    return { reply, latencyMs: reply.status >= 400 && reply.status < 500 ? null : latencyMs, usage };
  }

  #quotaHeaders(): string[] {
    const { headers: dialect } = this.#settings;
    return quotaHeaders(dialect, this.#quota.state(this.#clock.now()), this.#clock.wall());
  }

  #hint(form: HintForm | null, waitMs: number): RetryHint {
    return retryHint(form ?? this.#settings.hint, waitMs, this.#clock.wall());
  }
}

function turnAway(reply: Reply): Fate {
  return { reply, latencyMs: null, usage: null };
}

function parseBody(form: WireForm, body: string): WireRequest | SimulatedError {
  try {
    return form.parse(parseJson(body));
  } catch (error) {
    if (error instanceof BadBody) return error.error;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("The body is not valid JSON.", null);
  }
}

function isError(parsed: WireRequest | SimulatedError): parsed is SimulatedError {
  return "status" in parsed;
}
