import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
/** Those that keep the browser from calling home. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const hasChromium = existsSync(CHROMIUM);
if (!hasChromium)
  process.stderr.write(`SKIPPED: no Chromium at ${CHROMIUM}: the pages are not tested in a browser\n`);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

interface Watched {
  page: Page;
  /** What a page must not do: errors, messages on the console, requests that leave its own origin. */
  complaints: string[];
}

/** A page that notes every complaint, in the light or in the dark. */
export async function openPage(
  browser: Browser,
  url: string,
  { colorScheme = "light", width = 1280 }: { colorScheme?: "light" | "dark"; width?: number } = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const home = new URL(url).origin;
  page.on("pageerror", ({ message }) => complaints.push(`error: ${message}`));
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith("data:") && new URL(asked).origin !== home)
      complaints.push(`request: ${asked}`);
  });
  await page.goto(url);
  return { page, complaints };
}

const AXE = createRequire(import.meta.url).resolve("axe-core");

/** What axe finds that is serious or critical: rule and element. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // A policy of the page keeps scripts out that are not its own; evaluated code is the tester's.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = (await page.evaluate("axe.run()")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}
