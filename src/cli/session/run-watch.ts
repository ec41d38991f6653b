import { ExitCode } from "../../domain/errors.ts";
import type { Watch } from "../../output/follow.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { StopSwitch } from "../../scheduler/stop.ts";

const LOOK_EVERY_MS = 1_000;
/** One look that finds nobody at work says little: the run may just have been imported, or change hands. */
const IDLE_LOOKS = 2;

interface RunWatchOptions {
  store: Pick<StoreReader, "findRun" | "isWorkedOn">;
  run: string;
  clock: Clock;
  /** The user has seen enough. */
  stop: StopSwitch;
}

/** Looks at a run every second until it has ended, nobody works on it any more, or it is stopped. */
export class RunWatch implements Watch {
  readonly #options: RunWatchOptions;
  #exitCode: ExitCode = ExitCode.stopped;
  #idleLooks = 0;
  #wake = (): void => {};

  constructor(options: RunWatchOptions) {
    this.#options = options;
    options.stop.onStop(() => this.#wake());
  }

  /** How it came to be over: 0 when the run has ended, 75 when it only stopped, 130 or 143 after a signal. */
  get exitCode(): ExitCode {
    return this.#options.stop.reason?.exitCode ?? this.#exitCode;
  }

  async isOver(): Promise<boolean> {
    const { store, run: id, stop } = this.#options;
    if (stop.reason) return true;
    const run = await store.findRun({ id });
    if (run?.state === "finished" || run?.state === "cancelled") {
      this.#exitCode = ExitCode.ok;
      return true;
    }
    this.#idleLooks = (await store.isWorkedOn(id)) ? 0 : this.#idleLooks + 1;
    return this.#idleLooks >= IDLE_LOOKS;
  }

  pause(): Promise<void> {
    const { clock, stop } = this.#options;
    if (stop.reason) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.timer(clock.now() + LOOK_EVERY_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
