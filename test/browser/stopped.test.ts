import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { hasChromium, seriousFindings } from "../helpers/browser.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { serveUi } from "../helpers/ui.ts";
import { withChromium } from "./with-chromium.ts";

const openPage = withChromium();
const MOMENT = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+`;
const COMPANY = "x".repeat(80);

describe.skipIf(!hasChromium)("the page of a run that stopped", () => {
  test("says why in the words of the run, when, and what goes on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const args = ["run", "prompts.jsonl", "--base-url", `http://127.0.0.1:9/${COMPANY}`, "-m", "m"];
    const { code, stderr } = await runCli([...args, "--backoff-base", "20ms"], { cwd });
    expect(code).toBe(4);
    const [, message] = /^r_\S+ stopped: (.*), after \S+/m.exec(stderr)!;
    expect((await runCli(["report", "-o", "report.html"], { cwd })).code).toBe(0);
    const url = pathToFileURL(join(cwd, "report.html")).href;
    const { page, complaints } = await openPage(url, { width: 360 });
    const [reason, ...steps] = await page.locator("#header .advice li").allTextContents();
    expect(reason!.startsWith(`why: ${message} · `)).toBe(true);
    expect(reason).toMatch(new RegExp(`${MOMENT}$`));
    expect(steps).toContainEqual(expect.stringMatching(/^go on:llm-batch resume r_\w+$/));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("says it where it is open as the run stops, of each process", async () => {
    const cwd = tempFolder();
    const rows = Array.from({ length: 400 }, (_, row) => JSON.stringify({ prompt: `${row}` }));
    writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
    const simulator = await simulate(["latency", "500ms"]);
    const start = ["run", "prompts.jsonl", ...at(simulator), "-c", "2", "--detach"];
    expect((await runHere(start, { cwd })).code).toBe(0);
    const [one, other] = ["--json", "--json"].map((flag) => startCli(["resume", flag], { cwd }));
    await expect.poll(() => one!.output().stdout).toContain("row_done");
    await expect.poll(() => other!.output().stdout).toContain("row_done");
    const ui = await serveUi(cwd);
    const { page, complaints } = await openPage(ui.url);
    const advice = () => page.locator("#header .advice li").allTextContents();
    expect(await advice()).toEqual([]);
    one!.process.kill("SIGTERM");
    await one!.ended;
    const first = expect.stringMatching(
      new RegExp(`^one process stopped: interrupted by SIGTERM · ${MOMENT}$`),
    );
    await expect.poll(advice).toEqual([first]);
    expect(await page.textContent("#header .state")).toBe("running, live");
    other!.process.kill("SIGINT");
    await other!.ended;
    const second = expect.stringMatching(
      new RegExp(`^one process stopped: interrupted by SIGINT · ${MOMENT}$`),
    );
    const wayOn = expect.stringMatching(/^go on:llm-batch resume r_\w+$/);
    await expect.poll(advice).toEqual([first, second, wayOn]);
    expect(complaints).toEqual([]);
  });
});
