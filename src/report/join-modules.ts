import { readFileSync } from "node:fs";

const IMPORT = /^import \{[^}]*\} from "(\.[^"]+)";\n?/gm;
const EXPORT = /^export (?=(?:async )?function|class|const|let)/gm;
const EMPTY_EXPORT = /^export \{\};\n?/gm;
const LEFT_OVER = /^(?:import|export)\b.*/m;

/**
 * Joins a compiled module and all it imports into one script, each after those it needs. Names at the top of modules
 * must differ, as they share one scope then; and only named imports and exports are understood.
 */
export function joinModules(entry: URL): string {
  const joined = new Map<string, string>();
  add(entry, joined);
  return [...joined.values()].join("\n");
}

function add(module: URL, joined: Map<string, string>): void {
  if (joined.has(module.href)) return;
  const source = readFileSync(module, "utf8");
  for (const [, specifier] of source.matchAll(IMPORT)) add(new URL(specifier!, module), joined);
  const code = source.replace(IMPORT, "").replace(EMPTY_EXPORT, "").replace(EXPORT, "").trim();
  const leftOver = LEFT_OVER.exec(code);
  if (leftOver) throw new Error(`${module.href} can't be joined: ${leftOver[0]}`);
  joined.set(module.href, code);
}
