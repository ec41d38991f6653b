import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasChromium, launchChromium, openPage, seriousFindings } from "../helpers/browser.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";

const PATIENTLY = { timeout: 20_000 };
const HOSTILE = "<img src=x onerror=alert(1)>\u202e.jsonl";

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await launchChromium();
});
afterAll(() => browser?.close());

/** The page of the newest of two runs: one of a single row under a hostile name, then one of two rows. */
async function serve(): Promise<{ cwd: string; url: string }> {
  const cwd = tempFolder();
  for (const [name, rows] of [
    [HOSTILE, ["only"]],
    ["newer.jsonl", ["one", "two"]],
  ] as const) {
    writeFileSync(join(cwd, name), rows.map((id) => `{"id":"${id}","prompt":"${id}"}\n`).join(""));
    expect((await runCli(["run", name, "--provider", "sim"], { cwd })).code).toBe(0);
  }
  const ui = startCli(["ui"], { cwd });
  onTestFinished(() => void ui.process.kill("SIGKILL"));
  await once(ui.process.stdout!, "data");
  return { cwd, url: ui.output().stdout.trim() };
}

describe.skipIf(!hasChromium)("the switch of runs", () => {
  test("goes to the chosen run, whose address keeps it, and back", async () => {
    const { page, complaints } = await openPage(browser, (await serve()).url);
    const start = page.url();
    const runs = page.getByRole("combobox", { name: "Run", exact: true });
    const open = page.getByRole("button", { name: "Open run" });
    const older = runs.locator("option").nth(1);
    await older.waitFor({ state: "attached" });
    expect(await older.textContent()).toContain(`${HOSTILE}\u2069 · finished, 1 of 1 done · 20`);
    expect(await page.locator("img").count()).toBe(0);
    expect(await open.isDisabled()).toBe(true);

    await runs.focus();
    await page.keyboard.press("ArrowDown");
    expect(page.url()).toBe(start);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const ids = page.locator("#rows tbody button.link");
    await page.getByRole("heading", { level: 1, name: "<img" }).waitFor();
    await expect.poll(() => ids.allTextContents(), PATIENTLY).toEqual(["only"]);
    expect(await runs.inputValue()).toBe(new URL(page.url()).pathname.split("/")[2]);

    await page.reload();
    await expect.poll(() => ids.allTextContents(), PATIENTLY).toEqual(["only"]);
    await page.goBack();
    await expect.poll(() => ids.allTextContents(), PATIENTLY).toEqual(["one", "two"]);
    expect(page.url()).toBe(start);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("lists runs that come while the page is open, and leads away from one that was deleted", async () => {
    const { cwd, url } = await serve();
    const { page, complaints } = await openPage(browser, url);
    const options = page.locator("#run option");
    const shown = new URL(url).pathname.split("/")[2]!;
    await expect.poll(() => options.count(), PATIENTLY).toBe(2);
    writeFileSync(join(cwd, "newest.jsonl"), '{"id":"three","prompt":"three"}\n');
    expect((await runCli(["run", "newest.jsonl", "--provider", "sim"], { cwd })).code).toBe(0);
    expect((await runCli(["rm", shown], { cwd })).code).toBe(0);
    await expect.poll(() => options.first().textContent(), PATIENTLY).toBe(`${shown} · deleted`);
    expect(await options.nth(1).textContent()).toContain("newest.jsonl");
    expect(await page.inputValue("#run")).toBe(shown);
    await page.selectOption("#run", { index: 1 });
    await page.click("button:text('Open run')");
    await page.getByRole("heading", { level: 1, name: "newest.jsonl" }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([
    ["light", 1280],
    ["dark", 360],
  ] as const)("has nothing serious for axe and fits: %s, %d wide", async (colorScheme, width) => {
    const { page, complaints } = await openPage(browser, (await serve()).url, { colorScheme, width });
    await page.locator("#run option").nth(1).waitFor({ state: "attached" });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
