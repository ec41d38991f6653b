import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, seriousFindings } from "../helpers/browser.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { serveUi } from "../helpers/ui.ts";
import { withChromium } from "./with-chromium.ts";

const HOSTILE =
  '</script><script>document.title="owned"</script><img src=x onerror=alert(1)><!-- {{style}} $& ';
const ROWS = 60;
/** Rows whose prompt holds this are refused by the provider. */
const REFUSED = "refuse me";

const openPage = withChromium();

/** A run of 60 rows, of which three have failed, one for its hostile text alone. */
async function batch(cwd: string, flags: readonly string[] = []) {
  const prompts = Array.from({ length: ROWS }, (_, row) => `question ${row}`);
  prompts[7] = HOSTILE;
  prompts[40] = "שלום 40";
  for (const row of [10, 20, 30]) prompts[row] = `${REFUSED} ${row}`;
  const lines = prompts.map((prompt, row) => `${JSON.stringify({ id: `q-${row}`, prompt })}\n`);
  writeFileSync(join(cwd, "in.jsonl"), lines.join(""));
  const simulator = await simulate(["answer", "echo"], ["latency", "5ms"], ["fault", `400:match=${REFUSED}`]);
  const { code } = await runHere(["run", "in.jsonl", ...at(simulator), "--rpm", "6000", ...flags], { cwd });
  expect(code).toBe(3);
  return simulator;
}

/** Whether anything is drawn on the first plot. */
const HAS_INK = `(() => {
  const canvas = document.querySelector("#plots canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value !== 0);
})()`;

/** Where the prompt and the id of the first row begin. */
const SIDES = `[".said p", "button.link"].map((place) => {
  const element = document.querySelector("#rows tbody " + place);
  const range = document.createRange();
  range.selectNodeContents(element);
  const [all, text] = [element, range].map((one) => one.getBoundingClientRect());
  return text.left - all.left > all.right - text.right + 1 ? "right" : "left";
})`;

describe.skipIf(!hasChromium)("the report of a run", () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-report-"));
  const path = join(folder, "report.html");
  const url = pathToFileURL(path).href;
  beforeAll(async () => {
    const cwd = tempFolder();
    await batch(cwd);
    expect((await runCli(["report", "-o", "report.html"], { cwd })).code).toBe(0);
    renameSync(join(cwd, "report.html"), path);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["light", "dark"] as const)(
    "is drawn without an error, a request, or anything serious for axe: %s",
    async (colorScheme) => {
      const { page, complaints } = await openPage(url, { colorScheme });
      const plots = page.locator("#plots figure");
      expect(await plots.count()).toBeGreaterThanOrEqual(4);
      expect(await page.evaluate(HAS_INK)).toBe(true);
      expect(await page.textContent("#header .meta")).toMatch(
        /started [-\d]+ [:\d]+ [A-Z]+[-+:\d]*finished [-\d]+ [:\d]+ [A-Z]+[-+:\d]*$/,
      );
      expect(await page.locator("#header").textContent()).toContain("57 succeeded");
      expect(await page.textContent("#header .verdict")).toBe(
        "3 of 60 rows failed, with invalid_request_error.",
      );
      expect(await page.textContent("#header .advice")).toMatch(/failed rows again:llm-batch retry r_\w+/);
      expect(await page.locator("nav").count()).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test("keeps hostile text as text, in the table and in the row", async () => {
    const { page, complaints } = await openPage(url);
    await page.fill("#row-search", "owned");
    await page.click('#rows tbody button:text-is("q-7")');
    expect(await page.locator("#row-view pre").first().textContent()).toBe(HOSTILE);
    expect(await page.title()).not.toBe("owned");
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("finds rows by state and by error, and shows their attempts", async () => {
    const { page } = await openPage(url);
    await page.selectOption("#row-state", "failed");
    const ids = await page.locator("#rows tbody button.link").allTextContents();
    expect(ids).toEqual(["q-10", "q-20", "q-30"]);
    await page.click('#rows tbody button:text-is("q-20")');
    const view = page.locator("#row-view");
    expect(await view.textContent()).toContain("400");
    expect(await view.locator("table").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await view.isVisible()).toBe(false);
  });

  test("shows each text in its own direction", async () => {
    const { page } = await openPage(url);
    await page.fill("#row-search", "q-40");
    expect(await page.evaluate(SIDES)).toEqual(["right", "left"]);
  });

  test("fits a telephone", async () => {
    const { page } = await openPage(url, { width: 360 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });
});

describe.skipIf(!hasChromium)("the live page of a run", () => {
  test("moves with the run, and puts chosen failures back", async () => {
    const cwd = tempFolder();
    const simulator = await batch(cwd);
    const ui = await serveUi(cwd);
    expect(ui.output().stdout).toMatch(/^http:.*\n$/);
    const { page, complaints } = await openPage(ui.url);
    expect(await seriousFindings(page)).toEqual([]);
    await page.selectOption("#row-state", "failed");
    await page.click('label:has(input[aria-label="Choose q-20"])');
    await page.click("button:text('Retry 1 chosen row')");
    const waiting = page.locator("#header", { hasText: "1 to do" });
    await waiting.waitFor();
    const plot = page.locator("#plot-requests .u-over");
    await plot.scrollIntoViewIfNeeded();
    const area = (await plot.boundingBox())!;
    await page.mouse.move(area.x + area.width / 4, area.y + 20);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width / 2, area.y + 20, { steps: 3 });
    await page.mouse.up();
    const all = page.getByRole("button", { name: "Show all" });
    await expect.poll(() => all.count()).toBeGreaterThan(1);
    const moments = page.locator("#plot-requests [role=slider]");
    const plotted = await moments.getAttribute("aria-valuemax");
    const before = simulator.stats().calls;
    expect((await runCli(["resume"], { cwd })).code).toBe(3);
    expect(simulator.stats().calls).toBe(before + 1);
    await waiting.waitFor({ state: "detached" });
    // What happened is written by the second, after the row that it happened to.
    await expect.poll(() => moments.getAttribute("aria-valuemax")).not.toBe(plotted);
    // What was zoomed into is still in view.
    await all.first().click();
    await expect.poll(() => all.count()).toBe(0);
    expect(complaints).toEqual([]);
    ui.process.kill("SIGINT");
    expect((await ui.ended).code).toBe(0);
  });
});

describe.skipIf(!hasChromium)("commands on the page of a run in another database", () => {
  const db = ["--db", "my jobs.db"];

  test("name it where the page is live", async () => {
    const cwd = tempFolder();
    await batch(cwd, db);
    const { url } = await serveUi(cwd, db);
    const { page, complaints } = await openPage(url);
    await page.selectOption("#row-state", "failed");
    await page.click('label:has(input[aria-label="Choose q-20"])');
    await page.click("button:text('Retry 1 chosen row')");
    const run = new URL(url).pathname.split("/")[2];
    await page.locator(".retry code", { hasText: `llm-batch resume ${run} --db 'my jobs.db'` }).waitFor();
    await page.locator(".advice code", { hasText: `llm-batch resume ${run} --db 'my jobs.db'` }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("say in a file, which may be sent to others, no more than that one is to be named", async () => {
    const cwd = tempFolder();
    writeFileSync(
      join(cwd, "in.jsonl"),
      `${JSON.stringify({ id: "long; exit", prompt: "why? ".repeat(100_000) })}\n`,
    );
    const args = ["run", "in.jsonl", "--provider", "sim", ...db, "--json"];
    const { run } = lastLine((await runHere(args, { cwd })).stdout);
    expect((await runCli(["report", "-o", "report.html", ...db], { cwd })).code).toBe(0);
    const { page, complaints } = await openPage(pathToFileURL(join(cwd, "report.html")).href);
    await page.click('#rows tbody button:text-is("long; exit")');
    expect(await page.locator("#row-view pre").first().textContent()).toContain(
      ` more characters: llm-batch show ${run} 'long; exit' --db …`,
    );
    expect(readFileSync(join(cwd, "report.html"), "utf8")).not.toContain("my jobs");
    expect(complaints).toEqual([]);
  });
});

describe("the live page's door", () => {
  test("opens to its address alone: no other token, host, origin or method", async () => {
    const cwd = tempFolder();
    await batch(cwd);
    const ui = startCli(["ui", "--json"], { cwd });
    await expect.poll(() => ui.output().stdout).toMatch(/\n$/);
    const { url } = JSON.parse(ui.output().stdout);
    const { origin, pathname } = new URL(url);
    const status = async (path: string, init: RequestInit = {}): Promise<number> =>
      (await fetch(origin + path, init)).status;
    expect(await status(pathname)).toBe(200);
    expect(await status("/")).toBe(404);
    expect(await (await fetch(origin)).text()).toMatch(/^Nothing is served here\. llm-batch ui prints/);
    expect(await status(pathname.replace("/", "/x"))).toBe(404);
    const retry = {
      method: "POST",
      body: '{"code":"http_400"}',
      headers: { "content-type": "application/json" },
    };
    expect(await status(`${pathname}retry`, retry)).toBe(403);
    const headers = { ...retry.headers, origin: "http://evil.example" };
    expect(await status(`${pathname}retry`, { ...retry, headers })).toBe(403);
    expect(await status(pathname, { method: "DELETE" })).toBe(405);
    expect(await rebound(origin, pathname)).toBe(403);
    ui.process.kill("SIGINT");
    expect((await ui.ended).code).toBe(0);
  });
});

/** Asks under a name that was made to lead here. */
async function rebound(origin: string, path: string): Promise<number> {
  const { port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: "127.0.0.1", path, headers: { host: `evil.example:${port}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode!);
      },
    );
    asked.on("error", reject).end();
  });
}
