import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const BUILT_PLACE = /(file:\/\/[^\s)]+\.js):(\d+):(\d+)/g;

/**
 * An error's stack with places in the source instead of in what was built from it. Node's own `--enable-source-maps` would
 * read every map at each start.
 */
export function sourceStack(stack: string): string {
  return stack.replace(BUILT_PLACE, (built, url: string, line: string, column: string) => {
    try {
      return sourcePlace(fileURLToPath(url), Number(line), Number(column));
    } catch {
      return built;
    }
  });
}

/** @throws where the file has no map, or the map not the place */
function sourcePlace(file: string, line: number, column: number): string {
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) throw new Error(`${file} has no place ${line}:${column}`);
  const source = entry.originalSource.replace(/^(\.\.\/)+/, "");
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
