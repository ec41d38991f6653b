export interface TallyChange {
  run: number;
  name: string;
  by: number;
}

/** What the writes of one transaction add to the counters of runs. */
export class TallySum {
  readonly #byRun = new Map<number, Map<string, number>>();

  add(run: number, name: string, by: number): void {
    if (by === 0) return;
    let ofRun = this.#byRun.get(run);
    if (ofRun === undefined) {
      ofRun = new Map();
      this.#byRun.set(run, ofRun);
    }
    ofRun.set(name, (ofRun.get(name) ?? 0) + by);
  }

  /** All that was added, once. */
  take(): TallyChange[] {
    const changes: TallyChange[] = [];
    for (const [run, ofRun] of this.#byRun) {
      for (const [name, by] of ofRun) if (by !== 0) changes.push({ run, name, by });
    }
    this.clear();
    return changes;
  }

  /** Forgets what a transaction added that was rolled back. */
  clear(): void {
    this.#byRun.clear();
  }
}
