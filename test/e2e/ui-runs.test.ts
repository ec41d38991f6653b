import { expect, test } from "vitest";
import type { RowList, RunList } from "../../src/report/report-data.ts";
import { tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { serveUi } from "../helpers/ui.ts";

/** Two runs, the first of which has failed altogether, and a page of the second. */
async function twoRuns() {
  const cwd = tempFolder();
  const simulator = await simulate(["latency", "1ms"], ["fault", "400:match=What is 1 plus"]);
  const ran = async (rows: number, name: string): Promise<string> => {
    writePrompts(cwd, rows, name);
    const { stdout } = await runHere(["run", name, ...at(simulator), "--json"], { cwd });
    return JSON.parse(stdout.trim().split("\n").at(-1)!).run;
  };
  const [first, second] = [await ran(1, "first.jsonl"), await ran(3, "second.jsonl")];
  const { url } = await serveUi(cwd);
  return { cwd, url, pageOf: (run: string) => new URL(`../${run}/`, url).href, first, second };
}

async function readJson<Answer>(url: string): Promise<Answer> {
  return (await fetch(url)).json() as Promise<Answer>;
}

/** The data of the first event of a name that a page's feed sends. */
async function firstEvent(url: string, name: string): Promise<string> {
  const { body } = await fetch(url);
  let text = "";
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const found = new RegExp(`^event: ${name}\ndata:(.*)\n\n`, "m").exec(text);
    if (found) return found[1]!;
  }
  throw new Error(`the feed ended without ${name}: ${text}`);
}

test("every run of the database has a page of its own: rows, feed and retries are the run's", async () => {
  const { cwd, url, pageOf, first, second } = await twoRuns();
  expect(url).toBe(pageOf(second));
  const { runs, left } = await readJson<RunList>(new URL("../runs", url).href);
  expect(left).toBe(0);
  expect(runs).toMatchObject([
    { run: second, input: "second.jsonl", state: "finished", jobs: { total: 3, succeeded: 2, failed: 1 } },
    { run: first, input: "first.jsonl", state: "finished", jobs: { total: 1, failed: 1 } },
  ]);
  const { rows } = await readJson<RowList>(`${pageOf(first)}rows`);
  expect(rows).toMatchObject([{ id: "q-1", state: "failed" }]);
  expect((await readJson<RowList>(`${pageOf(second)}rows`)).rows).toHaveLength(3);
  expect(JSON.parse(await firstEvent(`${pageOf(first)}events`, "state")).figures.run).toBe(first);
  expect(await firstEvent(`${pageOf(first)}events`, "beat")).toBe("");

  const retried = await fetch(`${pageOf(first)}retry`, {
    method: "POST",
    body: JSON.stringify({ code: rows[0]!.error!.code }),
    headers: { "content-type": "application/json", origin: new URL(url).origin },
  });
  expect(await retried.json()).toEqual({ retried: 1 });
  const pending = async (run: string) =>
    JSON.parse((await runHere(["status", run, "--json"], { cwd })).stdout).jobs.pending;
  expect([await pending(first), await pending(second)]).toEqual([1, 0]);
});

test("an address without a run leads to the one that was asked for; a run that isn't there is told", async () => {
  const { url, pageOf, second } = await twoRuns();
  const bare = await fetch(new URL("..", url), { redirect: "manual" });
  expect([bare.status, bare.headers.get("location")]).toEqual([303, `${second}/`]);
  const headers = { "content-type": "application/json", origin: new URL(url).origin };
  const retry = { method: "POST", body: '{"code":"http_400"}', headers };
  const page = await fetch(pageOf("r_missing1"));
  expect([page.status, page.headers.get("content-type")]).toEqual([
    404,
    expect.stringContaining("text/html"),
  ]);
  expect(await page.text()).toContain('<a href="../">Open the newest run</a>');
  for (const [asked, init] of [
    ["rows", {}],
    ["events", {}],
    ["retry", retry],
  ] as const) {
    const answer = await fetch(`${pageOf("r_missing1")}${asked}`, init);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: "there is no run r_missing1 in this database" });
  }
});
