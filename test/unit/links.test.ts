import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["", "docs"].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);
const LINK = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(PAGES)("each link of %s leads somewhere", (name) => {
  const page = readFileSync(join(ROOT, name), "utf8");
  const dead = [...page.matchAll(LINK)].filter(([, path = "", anchor]) => {
    const target = path ? join(ROOT, dirname(name), path) : join(ROOT, name);
    return !existsSync(target) || (anchor && !anchors(readFileSync(target, "utf8")).includes(anchor));
  });
  expect(dead.map(([link]) => link)).toEqual([]);
});

test("the README leads to each page", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const missed = PAGES.filter((name) => name !== "README.md" && !readme.includes(`](${name})`));
  expect(missed).toEqual([]);
});
