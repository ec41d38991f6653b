/**
 * `npm run bench -- report`: what it takes to look at a run of a million rows, or of as many as are named: the file that
 * `report` writes and how fast a browser shows it, and how fast `ui` answers. Exits 1 when a gate is missed.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { openStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { hasChromium, launchChromium } from "../helpers/browser.ts";
import { startCli } from "../helpers/start-cli.ts";
import { fillRun } from "./filled-run.ts";
import { BIN, measureNode } from "./harness.mjs";

const ROWS = Number(process.argv[2] ?? 1_000_000);

let isMissed = false;
const folder = mkdtempSync(join(tmpdir(), "llm-batch-report-"));
try {
  await fill();
  await file();
  if (hasChromium) await inBrowser(pathToFileURL(join(folder, "report.html")).href, "the file");
  await live();
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = isMissed ? 1 : 0;

async function fill(): Promise<void> {
  const path = join(folder, "llm-batch.db");
  const store = await openStore({ path, clock: systemClock, random: systemRandom, durability: "normal" });
  const startedAt = performance.now();
  await fillRun(store, ROWS);
  await store.close();
  tell(`filled with ${ROWS.toLocaleString("en")} rows, s`, (performance.now() - startedAt) / 1_000);
}

async function file(): Promise<void> {
  const { cpuSeconds, seconds, peakMb } = await measureNode([BIN, "report", "-o", "report.html"], {
    cwd: folder,
  });
  tell("report: s", seconds);
  tell("report: s of CPU", cpuSeconds, 0.5 + (10 * ROWS) / 1_000_000);
  tell("report: peak memory, MB", peakMb, 150);
  tell("report: file, MB", statSync(join(folder, "report.html")).size / 1e6, 5);
}

async function live(): Promise<void> {
  const ui = startCli(["ui"], { cwd: folder });
  try {
    await once(ui.process.stdout!, "data");
    const url = ui.output().stdout.trim();
    tell("ui: the page, s", await secondsOf(() => read(url)), 1);
    tell("ui: the first rows, s", await secondsOf(() => read(`${url}rows`)), 1);
    tell("ui: a part of a search, s", await secondsOf(() => read(`${url}rows?text=nowhere`)), 1);
    tell("ui: a search of all rows, s", await secondsOf(() => searchAll(url)));
    tell("ui: the slowest and the dearest, s", await secondsOf(() => read(`${url}extremes`)));
    if (hasChromium) await inBrowser(url, "ui");
  } finally {
    ui.process.kill();
    await ui.ended;
  }
}

async function searchAll(url: string): Promise<void> {
  for (let after: number | null = 0; after !== null; ) {
    const found = (await read(`${url}rows?text=nowhere&after=${after}`)) as { next: number | null };
    after = found.next;
  }
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text.startsWith("{") ? JSON.parse(text) : text;
}

/** Until the plots are drawn and the first rows stand, and from a search to its row. */
async function inBrowser(url: string, name: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    tell(`${name} in a browser: shown, s`, await secondsOf(() => show(page, url)), 2);
    tell(`${name} in a browser: a search, s`, await secondsOf(() => search(page)), 1);
  } finally {
    await browser.close();
  }
}

async function show(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator("#plots canvas").first().waitFor();
  await page.locator("#rows tbody tr").first().waitFor();
}

async function search(page: Page): Promise<void> {
  await page.locator("#row-search").fill("q-501");
  await page.locator("#rows tbody tr", { hasText: "q-501" }).first().waitFor();
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function tell(what: string, value: number, most = Number.POSITIVE_INFINITY): void {
  isMissed ||= value > most;
  const gate = Number.isFinite(most) ? `<= ${most} ${value > most ? "MISSED" : "held"}` : "";
  console.log(`${what.padEnd(48)} ${value.toFixed(2).padStart(10)}   ${gate}`);
}
