import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a JSONL file of prompts with ids `q-1`, `q-2`, … and gives their prompts. */
export function writePrompts(folder: string, count: number, name = "prompts.jsonl"): string[] {
  const prompts = Array.from({ length: count }, (_, index) => `What is ${index + 1} plus ${index + 2}?`);
  const lines = prompts.map((prompt, index) => JSON.stringify({ id: `q-${index + 1}`, prompt }));
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return prompts;
}

export interface ResultLine {
  id: string;
  status: string;
  output: string | null;
  error: { code: string; message: string; http_status: number | null } | null;
  model: string | null;
  provider: string | null;
  cost_usd: number | null;
  attempts: number;
  input: { prompt: string };
}

/** Reads an exported JSONL file. */
export function readResults(folder: string, name = "results.jsonl"): ResultLine[] {
  return parseResults(readFileSync(join(folder, name), "utf8"));
}

/** Reads exported JSONL. */
export function parseResults(text: string): ResultLine[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
