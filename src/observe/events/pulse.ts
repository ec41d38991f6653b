import type { Run } from "../../domain/run.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { Lane } from "../../scheduler/lane.ts";
import { runStatus } from "../status.ts";
import { describeLane, describeProgress } from "./describe.ts";
import type { EventLog } from "./event-log.ts";

const EVERY_MS = 10_000;

interface PulseOptions {
  log: EventLog;
  store: StoreReader;
  run: Run;
  clock: Clock;
}

/** Tells a run's figures every ten seconds. */
export class Pulse {
  readonly #options: PulseOptions;
  #lanes: readonly Lane[] = [];
  #cancel: CancelTimer = () => {};
  #beat: Promise<void> = Promise.resolve();

  constructor(options: PulseOptions) {
    this.#options = options;
    if (options.log.isOn) this.#beatLater();
  }

  watch(lanes: readonly Lane[]): void {
    this.#lanes = lanes;
  }

  async close(): Promise<void> {
    await this.#beat;
    this.#cancel();
  }

  #beatLater(): void {
    const { clock } = this.#options;
    this.#cancel = clock.timer(clock.now() + EVERY_MS, () => {
      // Figures that can't be read now are read the next time. If the database fails, the drain says so.
      this.#beat = this.#tell().then(
        () => this.#beatLater(),
        () => this.#beatLater(),
      );
    });
  }

  async #tell(): Promise<void> {
    const { log, store, run } = this.#options;
    log.write(describeProgress(await runStatus(store, run, true)));
    for (const lane of this.#lanes) log.detail(describeLane(lane));
  }
}
