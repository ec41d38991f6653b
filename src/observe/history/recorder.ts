import type { Wait } from "../../control/gate-event.ts";
import { FINEST_MS, type HistorySpan, type QuotaName, spanStart } from "../../domain/history.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { BudgetWatch } from "../../scheduler/budget-watch.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import { Flow } from "../flow.ts";
import { withForesight } from "../foresight.ts";
import { leftToSend } from "../outlook.ts";
import { OpenSpan } from "./open-span.ts";

/** How many spans are gathered for one write: a process that is killed loses the plots of so many seconds, and no more. */
const SPANS_A_WRITE = 3;

interface RecorderOptions {
  store: Pick<Store, "figures" | "addHistory">;
  run: string;
  clock: Clock;
}

type WatchedLane = Pick<Lane, "endpoint" | "nextAvailableAt" | "pendingGroups"> & {
  gate: Pick<Lane["gate"], "limiterView" | "waitingFor">;
};

/** Waits that are the ordinary pacing of calls; any other may last for hours. */
const PACING: ReadonlySet<string> = new Set([
  "requests",
  "tokens",
  "inputTokens",
  "outputTokens",
  "concurrency",
  "startup",
  "share",
]);

/** Keeps the history of a run while this process works on it: what happens is gathered by the second and written by threes. */
export class HistoryRecorder {
  readonly #options: RecorderOptions;
  #open: OpenSpan;
  #closed: HistorySpan[] = [];
  #lanes: readonly WatchedLane[] = [];
  #budget: BudgetWatch | null = null;
  /** Calls let go by all lanes since the start, up to the end of the last closed span. */
  #admitted = 0;
  #seconds = 0;
  #hasWritten = false;
  #cancel: CancelTimer = () => {};
  #writing: Promise<unknown>;
  readonly #flow = new Flow();
  /** How many rows were left when no process had any in hand; null while one has. */
  #idleWith: number | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#open = new OpenSpan(spanStart(options.clock.wall(), FINEST_MS));
    this.#tickLater();
    // What can't be read now is read the next time.
    this.#writing = this.#look().catch(() => {});
  }

  watch(lanes: readonly WatchedLane[], budget: BudgetWatch): void {
    this.#lanes = lanes;
    this.#budget = budget;
  }

  see(event: RunEvent): void {
    this.#turn();
    if (event.type === "recorded") this.#open.ended(event.ending, true);
    else if (event.type === "superseded") this.#open.ended(event.ending, false);
    else if (event.type === "gate") this.#open.moved(event.endpoint, event.event, this.#options.clock.wall());
  }

  /** Writes what is left, unless there was nothing to do from the start. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#writing;
    this.#shut();
    if (this.#hasWritten || this.#closed.some(hasNews)) await this.#write();
  }

  #tickLater(): void {
    const { clock } = this.#options;
    const leftMs = this.#open.at + FINEST_MS - clock.wall();
    this.#cancel = clock.timer(clock.now() + Math.min(Math.max(leftMs, 1), FINEST_MS), () => {
      this.#turn();
      this.#seconds += 1;
      if (this.#seconds % SPANS_A_WRITE === 0) this.#writing = this.#writing.then(() => this.#write());
      this.#tickLater();
    });
  }

  /** Goes on to another span where the second is over, or the clock was set. */
  #turn(): void {
    const at = spanStart(this.#options.clock.wall(), FINEST_MS);
    if (at === this.#open.at) return;
    this.#shut();
    this.#open = new OpenSpan(at);
  }

  #shut(): void {
    const views = this.#lanes.map(({ gate }) => gate.limiterView());
    const admitted = views.reduce((sum, view) => sum + view.admitted, 0);
    const span = this.#open.close(admitted - this.#admitted);
    this.#admitted = admitted;
    this.#closed.push({ ...span, limits: limitsOf(views) });
  }

  /** Seconds in which nothing happened are left out, but for the last: it has how things stand. */
  async #write(): Promise<void> {
    const { store, run } = this.#options;
    const spans = this.#closed;
    const last = spans.at(-1);
    if (!last) return;
    this.#closed = [];
    try {
      const { jobs, pace } = await this.#look();
      await store.addHistory(run, [...spans.slice(0, -1).filter(hasNews), { ...last, jobs, pace }]);
      this.#hasWritten = true;
    } catch {
      // What can't be written now is written the next time. If the database fails, the drain says so.
      this.#closed = [...spans, ...this.#closed];
    }
  }

  /**
   * How the whole run stands. Rows that no process takes in hand, though calls could go out, wait for a budget or for their next
   * try.
   */
  async #look(): Promise<Pick<HistorySpan, "jobs" | "pace">> {
    const { store, run, clock } = this.#options;
    const figures = await store.figures(run);
    const { jobs, attempts, tokens } = figures;
    const left = leftToSend(figures);
    const stand = { left, calls: attempts.total, tokens: tokens.input + tokens.output };
    const isQuiet = jobs.running === 0;
    this.#flow.see(clock.now(), stand, isQuiet || this.#isHeldBack);
    const isIdle = isQuiet && left > 0 && left === this.#idleWith && !this.#isHeldBack;
    this.#idleWith = isQuiet && this.#lanes.length > 0 ? left : null;
    const pace = this.#flow.pace(figures.pace);
    if (pace === null || this.#budget === null) return { jobs, pace };
    const work = { lanes: this.#lanes, budget: this.#budget, figures, isIdle, wallMs: clock.wall() };
    return { jobs, pace: await withForesight(pace, work) };
  }

  /** Whether no lane may send, and not just for the moment. */
  get #isHeldBack(): boolean {
    return this.#lanes.length > 0 && this.#lanes.every(({ gate }) => !isPaced(gate.waitingFor()));
  }
}

function isPaced(wait: Wait | null): boolean {
  return wait === null || PACING.has(wait.reason);
}

function hasNews({ sent, ended, breakers }: HistorySpan): boolean {
  return sent > 0 || breakers.length > 0 || Object.keys(ended).length > 0;
}

/** The limits of all endpoints together. */
function limitsOf(views: readonly ReturnType<Lane["gate"]["limiterView"]>[]): HistorySpan["limits"] {
  const limits: Partial<Record<QuotaName, number>> = {};
  for (const { dimension, per, limit } of views.flatMap(({ quotas }) => quotas)) {
    const name: QuotaName = `${dimension}/${per}`;
    limits[name] = (limits[name] ?? 0) + Math.round(limit);
  }
  return limits;
}
