import type { Queue } from "../ports/store.ts";
import type { Lane } from "./lane.ts";

/**
 * Who may send what. A job stands in a queue: the model its row names, at a stage of the fallback chain. The lanes of a
 * stage share its queues. A lane also takes from the queues of stages before its own while every lane between is
 * away, so that an outage or a quota that is used up moves work on without touching the jobs.
 */
export class Lanes {
  readonly #lanes: Lane[] = [];
  /** Lanes that are no use any more: refused for good, or never reached. */
  readonly #lost = new Set<Lane>();

  add(lane: Lane): void {
    this.#lanes.push(lane);
  }

  get all(): readonly Lane[] {
    return this.#lanes;
  }

  /** Those that are still of use. */
  get living(): readonly Lane[] {
    return this.#lanes.filter((lane) => !this.#lost.has(lane));
  }

  /** The queues that a lane may claim from now, its own first. */
  sourcesOf(lane: Lane): Queue[] {
    const own = lane.models.map((model) => ({ model, stage: lane.stage }));
    const earlier = Array.from({ length: lane.stage }, (_, back) => lane.stage - 1 - back);
    const taken = earlier.flatMap((stage) =>
      lane.models
        .filter((model) => this.#serving(model, stage, lane.stage - 1).every((other) => this.#isAway(other)))
        .map((model) => ({ model, stage })),
    );
    return [...own, ...taken];
  }

  /** Whether another lane can send this one's jobs now: then this one needn't keep them. */
  hasRelief(lane: Lane): boolean {
    return this.#peersOf(lane).some((other) => !this.#isAway(other));
  }

  /** Whether another lane can send this one's jobs, now or later: then a job that was refused here needn't wait. */
  hasPeer(lane: Lane): boolean {
    return this.#peersOf(lane).some((other) => !this.#lost.has(other));
  }

  /** The stage that takes over a job that failed for good at `stage`; null where there is none. */
  stageAfter(model: string | null, stage: number): number | null {
    const stages = this.#serving(model, stage + 1, Number.POSITIVE_INFINITY)
      .filter((lane) => !this.#lost.has(lane))
      .map((lane) => lane.stage);
    return stages.length === 0 ? null : Math.min(...stages);
  }

  /**
   * Notes that a lane is no use any more.
   * @returns whether some rows have no lane left
   */
  lose(lane: Lane): boolean {
    this.#lost.add(lane);
    return lane.models.some((model) =>
      this.#serving(model, 0, Number.POSITIVE_INFINITY).every((other) => this.#lost.has(other)),
    );
  }

  #isAway(lane: Lane): boolean {
    return this.#lost.has(lane) || lane.isAway;
  }

  /** Lanes that serve a model of this one, those of earlier stages too: it may hold jobs of their queues. */
  #peersOf(lane: Lane): Lane[] {
    return this.#lanes.filter(
      (other) => other !== lane && lane.models.some((model) => other.models.includes(model)),
    );
  }

  #serving(model: string | null, from: number, to: number): Lane[] {
    return this.#lanes.filter(
      (lane) => lane.stage >= from && lane.stage <= to && lane.models.includes(model),
    );
  }
}
