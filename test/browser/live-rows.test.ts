import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium, seriousFindings } from "../helpers/browser.ts";
import { tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { serveUi } from "../helpers/ui.ts";
import { withChromium } from "./with-chromium.ts";

const ROWS = 60;
/** Rows whose prompt holds this are refused by the provider. */
const REFUSED = "refuse me";

const openPage = withChromium();

/** The page of a run none of whose rows was sent; `drain` sends them. */
async function serve(look?: Parameters<typeof openPage>[1]) {
  const cwd = tempFolder();
  const lines = Array.from({ length: ROWS }, (_, at) => {
    const prompt = at % 20 === 9 ? `${REFUSED} ${at}` : `question ${at} `.repeat(30);
    return `${JSON.stringify({ id: `q-${at}`, prompt })}\n`;
  });
  writeFileSync(join(cwd, "in.jsonl"), lines.join(""));
  const simulator = await simulate(["answer", "echo"], ["latency", "1ms"], ["fault", `400:match=${REFUSED}`]);
  expect((await runHere(["run", "in.jsonl", "--detach", ...at(simulator)], { cwd })).code).toBe(0);
  const { url } = await serveUi(cwd);
  const { page, complaints } = await openPage(url, look);
  // Not every browser holds what is looked at by itself.
  await page.evaluate(`document.body.style.overflowAnchor = "none"`);
  const drain = async (): Promise<void> => {
    expect((await runHere(["resume"], { cwd })).code).toBe(3);
  };
  return { page, complaints, drain, url };
}

/** Waits for what the page does from time to time to have had its turn, and another one. */
async function beats(url: string, count: number): Promise<void> {
  const { body } = await fetch(`${url}events`);
  let text = "";
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.split("event: beat\n").length > count) return;
  }
}

/** Scrolls to the rows and names their states: what isn't looked at isn't read. */
async function states(page: Page): Promise<string[]> {
  await page.locator("#rows").evaluate((rows) => rows.scrollIntoView());
  return page.locator("#rows tbody .state").allTextContents();
}

const top = (id: string) => `Math.round(${lineOf(id)}.getBoundingClientRect().top)`;
const lineOf = (id: string): string =>
  `[...document.querySelectorAll("#rows tbody tr")].find((line) => line.querySelector("button").textContent === "${id}")`;

describe.skipIf(!hasChromium)("the rows of the live page", () => {
  test("follow the run by themselves: focus, place and lines stay, and nothing is read out", async () => {
    const { page, complaints, drain } = await serve({ width: 600 });
    await page.click("button:text('Show more')");
    await expect.poll(() => states(page)).toEqual(Array(ROWS).fill("pending"));
    await page.locator("#rows tbody button.link", { hasText: /^q-20$/ }).focus();
    await page.evaluate(`{
      globalThis.line = ${lineOf("q-20")};
      line.scrollIntoView({ block: "center" });
      globalThis.placed = ${top("q-20")};
      globalThis.said = 0;
      const speak = new MutationObserver((changes) => (said += changes.length));
      for (const region of document.querySelectorAll("#rows [role=status], #rows [aria-live]"))
        speak.observe(region, { subtree: true, childList: true, characterData: true });
    }`);
    await drain();
    await expect.poll(() => page.locator("#rows tbody .state:is(.pending, .running)").count()).toBe(10);
    expect(await page.evaluate(`document.activeElement.textContent`)).toBe("q-20");
    expect(await page.evaluate(`line.isConnected && line.querySelector(".answer").textContent`)).toContain(
      "question 20",
    );
    expect(Math.abs((await page.evaluate(`placed - ${top("q-20")}`)) as number)).toBeLessThan(2);
    expect(await page.evaluate("said")).toBe(0);
    expect(await page.locator("#rows tbody tr").count()).toBe(ROWS);
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("the slowest of them are no heading above nothing while they are looked for", async () => {
    const { page } = await serve();
    const asked = page.waitForRequest("**/extremes*");
    await page.route("**/extremes*", () => {});
    await page.reload();
    await asked;
    expect(await page.locator("#extremes").isHidden()).toBe(true);
  });

  test("the slowest of them come up when the run has ended, and that is told", async () => {
    const { page, drain } = await serve();
    expect(await page.locator("#extremes").isHidden()).toBe(true);
    await drain();
    await expect.poll(() => page.locator("#extremes tbody tr").count(), { timeout: 20_000 }).toBe(10);
    await page
      .getByRole("status")
      .getByText("finished: 3 of 60 rows failed, with invalid_request_error.")
      .waitFor({ state: "attached" });
  });

  test("come to a list that is narrowed down, under the same choice and at the same place", async () => {
    const { page, complaints, drain } = await serve({ width: 390, colorScheme: "dark" });
    await page.selectOption("#row-state", "failed");
    await page.getByText("No row fits.").first().waitFor();
    await drain();
    await expect.poll(() => states(page)).toEqual(["failed", "failed", "failed"]);
    const ids = await page.locator("#rows tbody button.link").allTextContents();
    expect(ids).toEqual(["q-9", "q-29", "q-49"]);
    expect(await page.inputValue("#row-state")).toBe("failed");
    expect(await page.textContent("#rows .told")).toBe("3 rows shown");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("wait while somebody is at a row, or marks text", async () => {
    const { page, complaints, drain, url } = await serve();
    const asked: string[] = [];
    await page.locator("#rows").scrollIntoViewIfNeeded();
    await page.click("#rows tbody button:text-is('q-1')");
    await page.locator("#row-view h3").first().waitFor();
    page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1)!));
    await drain();
    await beats(url, 2);
    expect(asked).not.toContain("rows");
    await page.evaluate(`getSelection().selectAllChildren(${lineOf("q-2")}.querySelector(".said p"))`);
    await page.evaluate(`globalThis.placed = ${top("q-2")}`);
    await page.keyboard.press("Escape");
    await beats(url, 2);
    expect(Math.abs((await page.evaluate(`placed - ${top("q-2")}`)) as number)).toBeLessThan(2);
    expect(await page.evaluate("getSelection().toString()")).toContain("question 2 ");
    expect(asked).not.toContain("rows");
    await page.evaluate("getSelection().empty()");
    await expect.poll(() => page.locator("#rows tbody .state.succeeded").count()).toBeGreaterThan(40);
    expect(complaints).toEqual([]);
  });

  test("keep the rows chosen for a retry, but for those that were put back elsewhere", async () => {
    const { page, complaints, drain } = await serve();
    await page.locator("#rows").evaluate((rows) => rows.scrollIntoView());
    await drain();
    await expect.poll(() => page.locator("#rows tbody .state:is(.pending, .running)").count()).toBe(0);
    const place = await page.evaluate(`document.getElementById("rows").getBoundingClientRect().top`);
    expect(Math.abs(place as number)).toBeLessThan(2);
    await page.selectOption("#row-state", "failed");
    for (const id of ["q-9", "q-29"]) await page.click(`label:has(input[aria-label="Choose ${id}"])`);
    await page.getByRole("button", { name: "Retry all 3 rows" }).focus();
    const retried = await page.evaluate(`(async () => {
      const { rows } = await (await fetch("rows?state=failed")).json();
      const body = JSON.stringify({ rows: [rows[0].number] });
      const headers = { "content-type": "application/json" };
      return (await fetch("retry", { method: "POST", headers, body })).json();
    })()`);
    expect(retried).toEqual({ retried: 1 });
    await expect.poll(() => states(page)).toEqual(["failed", "failed"]);
    await page.getByText("Retry 1 chosen row").waitFor();
    expect(await page.evaluate("document.activeElement.ariaLabel")).toContain("Retry all 2 rows");
    expect(await page.isChecked('input[aria-label="Choose q-29"]')).toBe(true);
    expect(await page.isChecked('input[aria-label="Choose q-49"]')).toBe(false);
    expect(complaints).toEqual([]);
  });
});
