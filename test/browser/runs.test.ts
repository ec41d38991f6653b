import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasChromium, seriousFindings } from "../helpers/browser.ts";
import { tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { serveUi } from "../helpers/ui.ts";
import { withChromium } from "./with-chromium.ts";

const HOSTILE = "<img src=x onerror=alert(1)>\u202e.jsonl";

const openPage = withChromium();

/** As if another tab had come before the page. */
const HIDE = `{
  Object.defineProperty(document, "hidden", { value: true });
  document.dispatchEvent(new Event("visibilitychange"));
}`;

/** The page of the newest of two runs: one of a single row under a hostile name, then one of two rows. */
async function serve(): Promise<{ cwd: string; url: string }> {
  const cwd = tempFolder();
  for (const [name, rows] of [
    [HOSTILE, ["only"]],
    ["newer.jsonl", ["one", "two"]],
  ] as const) {
    writeFileSync(join(cwd, name), rows.map((id) => `{"id":"${id}","prompt":"${id}"}\n`).join(""));
    expect((await runHere(["run", name, "--provider", "sim"], { cwd })).code).toBe(0);
  }
  return { cwd, url: (await serveUi(cwd)).url };
}

describe.skipIf(!hasChromium)("the switch of runs", () => {
  test("goes to the chosen run, whose address keeps it, and back", async () => {
    const { page, complaints } = await openPage((await serve()).url);
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
    await expect.poll(() => ids.allTextContents()).toEqual(["only"]);
    expect(await runs.inputValue()).toBe(new URL(page.url()).pathname.split("/")[2]);

    await page.reload();
    await expect.poll(() => ids.allTextContents()).toEqual(["only"]);
    await page.goBack();
    await expect.poll(() => ids.allTextContents()).toEqual(["one", "two"]);
    expect(page.url()).toBe(start);
    expect(complaints).toEqual([]);
  });

  test("lists runs that come while the page is open, and leads away from one that was deleted", async () => {
    const { cwd, url } = await serve();
    const { page, complaints } = await openPage(url);
    const options = page.locator("#run option");
    const shown = new URL(url).pathname.split("/")[2]!;
    await expect.poll(() => options.count()).toBe(2);
    writeFileSync(join(cwd, "newest.jsonl"), '{"id":"three","prompt":"three"}\n');
    expect((await runHere(["run", "newest.jsonl", "--provider", "sim"], { cwd })).code).toBe(0);
    expect((await runHere(["rm", shown], { cwd })).code).toBe(0);
    await expect.poll(() => options.first().textContent()).toBe(`${shown} · deleted`);
    expect(await options.nth(1).textContent()).toContain("newest.jsonl");
    expect(await page.inputValue("#run")).toBe(shown);
    await page.selectOption("#run", { index: 1 });
    await page.click("button:text('Open run')");
    await page.getByRole("heading", { level: 1, name: "newest.jsonl" }).waitFor();
    expect(complaints).toEqual([]);

    expect((await page.goto(url))?.status()).toBe(404);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("link", { name: "Open the newest run" }).click();
    await page.getByRole("heading", { level: 1, name: "newest.jsonl" }).waitFor();
  });

  test("leads on however many pages are open, as those that aren't looked at hold no connection", async () => {
    const { url } = await serve();
    const { page, complaints } = await openPage(url);
    for (let open = 0; open < 7; open++) {
      const [other] = await Promise.all([page.waitForEvent("popup"), page.evaluate("void open(location)")]);
      await other.locator("#rows tbody button.link").first().waitFor();
      const told = other.waitForResponse((response) => response.url().endsWith("/events?unseen"));
      await other.evaluate(HIDE);
      await (await told).finished();
    }
    await page.reload();
    await page.locator("#rows tbody button.link").first().waitFor();
    expect(complaints).toEqual([]);
  });

  test("has nothing serious for axe and fits, in the light and in the dark, wide and narrow", async () => {
    const { url } = await serve();
    for (const look of [
      { colorScheme: "light", width: 1280 },
      { colorScheme: "dark", width: 360 },
    ] as const) {
      const { page, complaints } = await openPage(url, look);
      await page.locator("#run option").nth(1).waitFor({ state: "attached" });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(look.width);
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });
});
