import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium } from "../helpers/browser.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { serveUi } from "../helpers/ui.ts";
import { withChromium } from "./with-chromium.ts";

const openPage = withChromium();

/** A run of twelve rows, of which two have failed. */
async function failedRun(): Promise<string> {
  const cwd = tempFolder();
  const prompts = Array.from({ length: 12 }, (_, row) => (row % 6 === 4 ? "refuse me" : "question"));
  const lines = prompts.map((prompt, row) => `${JSON.stringify({ id: `q-${row}`, prompt })}\n`);
  writeFileSync(join(cwd, "in.jsonl"), lines.join(""));
  const simulator = await simulate(["answer", "echo"], ["fault", "400:match=refuse me"]);
  expect((await runHere(["run", "in.jsonl", ...at(simulator)], { cwd })).code).toBe(3);
  return cwd;
}

/** Where its page is. */
const PAGES = {
  async file(): Promise<string> {
    const cwd = await failedRun();
    expect((await runCli(["report", "-o", "report.html"], { cwd })).code).toBe(0);
    return pathToFileURL(join(cwd, "report.html")).href;
  },
  live: async (): Promise<string> => (await serveUi(await failedRun())).url,
};

const ids = (page: Page) => page.locator("#rows tbody button.link").allTextContents();
const isOpen = (page: Page) => page.locator("#row-view").isVisible();

describe.skipIf(!hasChromium)("the address of a page", () => {
  test.each(["file", "live"] as const)("keeps what a reader is at, and leads back: %s", async (kind) => {
    const { page, complaints } = await openPage(await PAGES[kind]());
    await page.click("#errors button.code");
    await expect.poll(() => ids(page)).toEqual(["q-4", "q-10"]);
    await page.click("#rows tbody button:text-is('q-4')");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { level: 2, name: "q-10" }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("heading", { level: 2, name: "q-4" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { level: 2, name: "q-10" }).waitFor();
    const address = page.url();

    await page.goBack();
    await expect.poll(() => isOpen(page)).toBe(false);
    expect(await ids(page)).toEqual(["q-4", "q-10"]);
    await page.goBack();
    await expect.poll(async () => (await ids(page)).length).toBe(12);

    await page.goto("about:blank");
    await page.goto(address);
    await page.getByRole("heading", { level: 2, name: "q-10" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).not.toContain("row=");
    expect(await ids(page)).toEqual(["q-4", "q-10"]);
    expect(await page.inputValue("#row-code")).toBe("invalid_request_error");
    expect(complaints).toEqual([]);
  });

  test("that names no row of this page opens none", async () => {
    const { page } = await openPage(`${await PAGES.file()}#row=7&state=nonsense&code=nonsense`);
    await expect.poll(async () => (await ids(page)).length).toBe(12);
    expect(await isOpen(page)).toBe(false);
  });
});
