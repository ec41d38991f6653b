/** SQL that tells all who listen that there are jobs to be sent: a run was read in, or rows were put back. */
export const TELL_NEWS = "SELECT pg_notify('llm_batch', '{runs}')";
export const LISTEN = "LISTEN llm_batch";

/** Hands what the server tells to who waits for it. */
export class News {
  readonly #listeners = new Set<() => void>();

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
