import { LlmBatchError } from "./errors.ts";

/** Where a record starts: source from 0, line from 1. */
export interface Place {
  source: number;
  line: number;
}

/** An id that stands twice in the inputs. The job table knows inputs by their numbers; `named` puts their names in. */
export class DuplicateId extends LlmBatchError {
  readonly #key: string;
  readonly #places: readonly [Place, Place];

  /** @param places in any order; the message names the earlier one first */
  constructor(
    key: string,
    places: readonly [Place, Place],
    nameOf = (source: number): string => `input ${source + 1}`,
  ) {
    const isOneInput = places[0].source === places[1].source;
    const [first, second] = [...places]
      .sort((a, b) => a.source - b.source || a.line - b.line)
      .map(({ source, line }) => `line ${line}${isOneInput ? "" : ` of ${nameOf(source)}`}`);
    super({
      code: "DUPLICATE_ID",
      message: `the id ${JSON.stringify(key)} stands on ${first} and again on ${second}`,
      hint: "give each row an id of its own, or name another field with --id-field",
    });
    this.#key = key;
    this.#places = places;
  }

  /** The same, with the inputs called by their names. */
  named(inputs: readonly string[]): DuplicateId {
    return new DuplicateId(this.#key, this.#places, (source) => inputs[source] ?? "");
  }
}
