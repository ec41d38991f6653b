import { basename, dirname, join } from "node:path";

/**
 * Where to put what there is of results that have a file to themselves when they are whole: in that one it would be in
 * the way of the run that goes on.
 */
export function partialPath(path: string): string {
  const isStream = path === "-" || path.startsWith("/dev/");
  return isStream ? path : join(dirname(path), `partial-${basename(path)}`);
}
