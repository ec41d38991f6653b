/** What a process had told the world by some moment, and so must be there after a power cut at that moment. */
export class Acknowledged {
  imported = false;
  exported = false;
  /** Ids of rows that were called, and so must be on record as claimed. */
  readonly sent = new Set<string>();
  /** Ids of rows whose results count as done. */
  readonly recorded: Set<string>;

  constructor(recordedBefore: readonly string[] = []) {
    this.recorded = new Set(recordedBefore);
  }
}
