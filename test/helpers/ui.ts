import { once } from "node:events";
import { afterTest } from "./after-test.ts";
import { type Started, startCli } from "./start-cli.ts";

/** Serves the page of a folder's newest run until the test is over. */
export async function serveUi(
  cwd: string,
  flags: readonly string[] = [],
): Promise<Started & { url: string }> {
  const ui = startCli(["ui", ...flags], { cwd });
  afterTest(() => ui.process.kill("SIGKILL"));
  await once(ui.process.stdout!, "data");
  return { ...ui, url: ui.output().stdout.trim() };
}
