import type { Usage } from "../domain/usage.ts";
import { SpanPeak } from "./span-peak.ts";

/** What the simulator has seen since its start, or since its stats were reset. */
export interface SimulatorStats {
  /** `accepted` + `refused` + calls turned away before the limits. Also the sum of all statuses + `dropped` + `aborted` + `in_flight`. */
  calls: number;
  /** Calls that got past the limits. */
  accepted: number;
  /** Calls that got a 429 from a limit; scripted ones are not among them. */
  refused: number;
  /** Right answers, whole. */
  succeeded: number;
  /** Calls the client gave up. */
  aborted: number;
  /** Calls whose connection was reset before any reply. */
  dropped: number;
  in_flight: number;
  /** Calls among them that wait for a slot. */
  queued: number;
  peak_in_flight: number;
  by_status: Readonly<Record<string, number>>;
  by_fault: Readonly<Record<string, number>>;
  /** Of the right answers. */
  tokens: { input: number; cached_input: number; output: number };
  /** How many different ones. */
  prompts: number;
  /** The most that was accepted, and charged, in any span: of 60 s, and of the limits' window where it is another. */
  peaks: readonly { window_ms: number; requests: number; tokens: number }[];
  /** Wall clock; null before the first call. */
  first_call_at: number | null;
  last_call_at: number | null;
  outage: { active: boolean; calls: number };
}

/** The calls of one prompt. */
export interface PromptCount {
  calls: number;
  /** Those that got past the limits. */
  accepted: number;
  succeeded: number;
}

/** How a call ended: with a reply, by a reset before any, or given up by the client. */
export type CallEnd = "answered" | "dropped" | "aborted";

/** Counts calls. A call that began before a reset ends in the old stats and leaves no trace in the new ones. */
export class CallStats {
  calls = 0;
  #accepted = 0;
  #refused = 0;
  #succeeded = 0;
  #outageCalls = 0;
  #peakInFlight = 0;
  readonly #ends: Record<CallEnd, number> = { answered: 0, dropped: 0, aborted: 0 };
  readonly #byStatus: Record<string, number> = {};
  readonly #byFault: Record<string, number> = {};
  readonly #tokens = { input: 0, cached_input: 0, output: 0 };
  readonly #prompts = new Map<string, PromptCount>();
  readonly #peaks: readonly SpanPeak[];
  #firstCallAt: number | null = null;
  #lastCallAt: number | null = null;

  /** `windowMs` is the span of the limits. */
  constructor(windowMs: number) {
    this.#peaks = [...new Set([60_000, windowMs])].map((spanMs) => new SpanPeak(spanMs));
  }

  begin(inFlight: number, wallMs: number): void {
    this.calls++;
    this.#peakInFlight = Math.max(this.#peakInFlight, inFlight);
    this.#firstCallAt ??= wallMs;
    this.#lastCallAt = wallMs;
  }

  beginPrompt(prompt: string): PromptCount {
    let count = this.#prompts.get(prompt);
    if (!count) {
      count = { calls: 0, accepted: 0, succeeded: 0 };
      this.#prompts.set(prompt, count);
    }
    count.calls++;
    return count;
  }

  accept(prompt: PromptCount, tokens: number, now: number): void {
    this.#accepted++;
    prompt.accepted++;
    for (const peak of this.#peaks) peak.add(tokens, now);
  }

  refuse(): void {
    this.#refused++;
  }

  fault(name: string): void {
    this.#byFault[name] = (this.#byFault[name] ?? 0) + 1;
  }

  outageCall(): void {
    this.#outageCalls++;
  }

  end(end: CallEnd, status: number): void {
    this.#ends[end]++;
    if (end === "answered") this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
  }

  succeed(prompt: PromptCount, usage: Usage): void {
    this.#succeeded++;
    prompt.succeeded++;
    this.#tokens.input += usage.inputTokens;
    this.#tokens.cached_input += usage.cachedInputTokens;
    this.#tokens.output += usage.outputTokens;
  }

  /** Calls by prompt, in the order of their first calls. */
  prompts(): ReadonlyMap<string, PromptCount> {
    return this.#prompts;
  }

  /** `queued` and `outageActive` are known outside only. */
  report({ queued, outageActive }: { queued: number; outageActive: boolean }): SimulatorStats {
    const { answered, dropped, aborted } = this.#ends;
    return {
      calls: this.calls,
      accepted: this.#accepted,
      refused: this.#refused,
      succeeded: this.#succeeded,
      aborted,
      dropped,
      in_flight: this.calls - answered - dropped - aborted,
      queued,
      peak_in_flight: this.#peakInFlight,
      by_status: { ...this.#byStatus },
      by_fault: { ...this.#byFault },
      tokens: { ...this.#tokens },
      prompts: this.#prompts.size,
      peaks: this.#peaks.map((peak) => peak.report()),
      first_call_at: this.#firstCallAt,
      last_call_at: this.#lastCallAt,
      outage: { active: outageActive, calls: this.#outageCalls },
    };
  }
}
