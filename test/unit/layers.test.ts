import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** What each folder of src may import, besides itself. */
const ALLOWED: Record<string, readonly string[]> = {
  domain: [],
  ports: ["domain"],
  system: ["domain", "ports"],
  control: ["domain", "ports"],
  request: ["domain", "ports"],
  input: ["domain", "ports", "request"],
  output: ["domain", "ports"],
  money: ["domain"],
  store: ["domain", "ports"],
  provider: ["domain", "ports"],
  simulator: ["domain", "ports", "system"],
  answer: ["domain"],
  report: ["domain", "ports", "observe", "output"],
  ui: ["domain", "ports", "observe", "report", "system"],
  observe: ["domain", "ports", "control", "scheduler", "system"],
  scheduler: ["domain", "ports", "control"],
  config: ["domain", "control"],
  app: [
    "domain",
    "ports",
    "config",
    "control",
    "request",
    "input",
    "output",
    "provider",
    "money",
    "answer",
    "simulator",
    "scheduler",
  ],
  cli: [
    "domain",
    "ports",
    "config",
    "control",
    "observe",
    "scheduler",
    "simulator",
    "store",
    "output",
    "money",
    "app",
    "report",
    "ui",
  ],
};
const SRC = join(import.meta.dirname, "../../src");

describe("dependencies point one way", () => {
  test.each(Object.keys(ALLOWED))("%s imports only what it may", (layer) => {
    const wrong = filesOf(layer).flatMap((file) =>
      importsOf(file)
        .map((target) => relative(SRC, target).split("/")[0]!)
        .filter((target) => target !== layer && !ALLOWED[layer]!.includes(target) && target !== "version.ts")
        .map((target) => `${relative(SRC, file)} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("every folder of src has its rule", () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(ALLOWED).sort());
  });
});

describe("time and chance are passed in", () => {
  test.each(Object.keys(ALLOWED).filter((layer) => layer !== "system"))("%s has none of its own", (layer) => {
    const own = /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval)\(/;
    expect(filesOf(layer).filter((file) => own.test(readFileSync(file, "utf8")))).toEqual([]);
  });
});

function filesOf(layer: string): string[] {
  return readdirSync(join(SRC, layer), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(SRC, layer, name));
}

function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g);
  return [...specifiers].map(([, specifier]) => normalize(join(dirname(file), specifier!)));
}
