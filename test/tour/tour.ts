// Makes the README's pictures from a run against the simulator: npm run tour
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { launchChromium, openPage } from "../helpers/browser.ts";
import { TourTerminal, terminalPicture } from "./terminal-picture.ts";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "bin/llm-batch.js");
const PICTURES = join(ROOT, "fixtures/tour");
const ROWS = 2_500;

const TASKS = ["Summarise this review", "Name the product", "Is the tone friendly", "Translate into French"];
const REVIEWS = [
  "The kettle boils fast and the lid stays cool.",
  "The lamp broke after a week, and nobody answered my letter.",
  "Good shoes for rain; the left one is a little tight.",
];

function writeInputs(folder: string): void {
  const row = (at: number) => ({
    id: `review-${at + 1}`,
    prompt: `${TASKS[at % 4]}: ${REVIEWS[at % 3]} (${at + 1})`,
  });
  const lines = Array.from({ length: ROWS }, (_, at) => `${JSON.stringify(row(at))}\n`);
  writeFileSync(join(folder, "reviews.jsonl"), lines.join(""));
  writeFileSync(join(folder, "llm-batch.yaml"), JSON.stringify(CONFIG));
  writeFileSync(join(folder, "prices.yaml"), "- {model: sim-1, input: 0.4, output: 1.6}\n");
}

/** A provider with a quota, slow answers, an outage of ten seconds, and a few requests that it never takes. */
const CONFIG = {
  provider: "sim",
  sim: {
    rpm: "3000",
    window: "bucket:1s",
    latency: "lognormal:median=700ms,sigma=0.4",
    "output-tokens": "uniform:40-300",
    answer: "lorem",
    outage: "20s-30s",
    fault: "400:match=00)",
  },
  rpm: 3_000,
  "price-file": "prices.yaml",
  "breaker-cooldown": "3s",
};

/** The screen of a run in the middle of the outage, and its summary. */
async function batch(folder: string): Promise<string[]> {
  const shown = "llm-batch run reviews.jsonl";
  const terminal = new TourTerminal([process.execPath, BIN, "run", "reviews.jsonl"], { folder, shown });
  try {
    const screens = [await terminal.see(/a probe failed.*next probe in/s)];
    await terminal.end();
    const end = await terminal.see(/retry r_/);
    return [...screens, end.slice(end.lastIndexOf("\n", end.indexOf("finished in")) + 1)];
  } finally {
    terminal.close();
  }
}

async function picture(browser: Browser, name: string, url: string, look: Parameters<typeof openPage>[2]) {
  const { page } = await openPage(browser, url, look);
  // The plots are drawn with the next frame.
  await page.locator("#plots canvas").first().waitFor();
  await page.screenshot({
    path: join(PICTURES, name),
    clip: { x: 0, y: 0, width: look?.width ?? 1280, height: 900 },
  });
  await page.close();
}

const folder = mkdtempSync(join(tmpdir(), "llm-batch-tour-"));
mkdirSync(PICTURES, { recursive: true });
const browser = await launchChromium();
try {
  writeInputs(folder);
  await terminalPicture(browser, join(PICTURES, "terminal.png"), await batch(folder));
  execFileSync(process.execPath, [BIN, "report", "-o", "report.html"], { cwd: folder });
  const url = pathToFileURL(join(folder, "report.html")).href;
  await picture(browser, "report-light.png", url, { colorScheme: "light" });
  await picture(browser, "report-dark.png", url, { colorScheme: "dark" });
  await picture(browser, "report-phone.png", url, { colorScheme: "light", width: 390 });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
