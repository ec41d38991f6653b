import type { Random } from "../../../src/ports/random.ts";
import type { Folder } from "./folder.ts";
import { StoredFile } from "./stored-file.ts";
import type { TraceEvent } from "./trace.ts";

/** What names stand for after a change of the folder; null for nothing. One change happens whole or not at all. */
type NameEdit = readonly (readonly [name: string, file: StoredFile | null])[];

/**
 * A folder on a disk that promises no more than POSIX does: bytes are safe once their file was synced, names once the folder
 * was. What was not synced may be lost in any part and any order.
 */
export class Disk {
  readonly #names: Map<string, StoredFile>;
  readonly #syncedNames: Map<string, StoredFile>;
  #unsyncedNames: NameEdit[] = [];

  /** @param folder what is safe there from the start */
  constructor(folder: Folder) {
    this.#names = new Map([...folder].map(([name, content]) => [name, new StoredFile(content)]));
    this.#syncedNames = new Map(this.#names);
  }

  apply(event: TraceEvent): void {
    if (event.kind === "created") this.#name([[event.name, new StoredFile()]]);
    else if (event.kind === "unlinked") this.#name([[event.name, null]]);
    else if (event.kind === "renamed") this.#rename(event.name, event.to);
    else if (event.kind === "written") this.#file(event.name).write(event.at, event.data);
    else if (event.kind === "resized") this.#file(event.name).resize(event.size);
    else if (event.kind === "synced") this.#sync(event.name);
  }

  /** As the process sees it. */
  whole(): Folder {
    return new Map([...this.#names].map(([name, file]) => [name, file.whole()]));
  }

  /** As a power cut at this moment may leave it. */
  afterCut(random: Random): Folder {
    const survives = fate(random);
    const names = new Map(this.#syncedNames);
    for (const edit of this.#unsyncedNames) if (survives()) putNames(names, edit);
    return new Map([...names].map(([name, file]) => [name, file.afterCut(fate(random))]));
  }

  #rename(from: string, to: string): void {
    const file = this.#file(from);
    this.#name([
      [from, null],
      [to, file],
    ]);
  }

  #name(edit: NameEdit): void {
    putNames(this.#names, edit);
    this.#unsyncedNames.push(edit);
  }

  #sync(name: string): void {
    if (name === "") this.#syncNames();
    else this.#file(name).sync();
  }

  #syncNames(): void {
    for (const edit of this.#unsyncedNames) putNames(this.#syncedNames, edit);
    this.#unsyncedNames = [];
  }

  #file(name: string): StoredFile {
    const file = this.#names.get(name);
    if (file === undefined) throw new Error(`the trace has no beginning of ${name}`);
    return file;
  }
}

function putNames(names: Map<string, StoredFile>, edit: NameEdit): void {
  for (const [name, file] of edit) {
    if (file === null) names.delete(name);
    else names.set(name, file);
  }
}

/** How much of what was not synced is left: often nothing, sometimes all, else any part. */
function fate(random: Random): () => boolean {
  const kind = random();
  const share = kind < 0.4 ? 0 : kind < 0.6 ? 1 : random();
  return () => random() < share;
}
