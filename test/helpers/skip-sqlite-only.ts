import { relative } from "node:path";
import { afterAll, beforeEach } from "vitest";
import { SQLITE_ONLY } from "./sqlite-only.ts";

const FOLDER = `${import.meta.dirname}/../e2e`;
let reasons: Readonly<Record<string, string>> = {};
const met = new Set<string>();

beforeEach(({ task, skip }) => {
  reasons = SQLITE_ONLY[relative(FOLDER, task.file.filepath)] ?? {};
  for (const name of [task.name, task.suite?.name ?? ""]) {
    const reason = reasons[name];
    if (reason === undefined) continue;
    met.add(name);
    skip(reason);
  }
});

afterAll(() => {
  const unknown = Object.keys(reasons).filter((name) => !met.has(name));
  if (unknown.length > 0) throw new Error(`listed, but there is no such test: ${unknown.join(", ")}`);
});
