import type { PromptCount, SimulatorStats } from "./stats.ts";

const PROMPTS_SHOWN = 20;
const PROMPT_LENGTH = 80;

/** The stats as a page for people: figures first, then the prompts that were called most. */
export function statsPage(stats: SimulatorStats, prompts: ReadonlyMap<string, PromptCount>): string {
  const figures = Object.entries(stats).map(([name, value]) => row(name.replaceAll("_", " "), show(value)));
  const mostCalled = [...prompts]
    .sort(([, a], [, b]) => b.calls - a.calls)
    .slice(0, PROMPTS_SHOWN)
    .map(([prompt, { calls, succeeded }]) => row(shorten(prompt), String(calls), String(succeeded)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>llm-batch simulator</title>
<style>body{font:16px system-ui;margin:2em}td{padding:.2em 1em .2em 0;vertical-align:top}</style>
<h1>llm-batch simulator</h1>
<table>${figures.join("")}</table>
<h2>Prompts called most</h2>
<table><tr><th>prompt<th>calls<th>succeeded${mostCalled.join("")}</table>
</html>
`;
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function shorten(prompt: string): string {
  const characters = Array.from(prompt.slice(0, PROMPT_LENGTH * 2));
  if (characters.length <= PROMPT_LENGTH) return prompt;
  return `${characters.slice(0, PROMPT_LENGTH - 1).join("")}…`;
}

function row(...cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}`).join("")}\n`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
