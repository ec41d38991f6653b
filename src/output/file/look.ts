import { type Stats, statSync } from "node:fs";

/** What stands at a path; undefined where nothing does, or where it can't be looked at: who opens it is told why. */
export function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
