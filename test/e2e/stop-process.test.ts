import { expect, test } from "vitest";
import { cleanUp } from "../helpers/after-test.ts";
import { startCli, tempFolder } from "../helpers/cli.ts";
import { stopProcess } from "../helpers/stop-process.ts";

test("a process that a test stops and doesn't wake is gone after it", async () => {
  const { process, ended } = startCli(["simulate"], { cwd: tempFolder() });
  stopProcess(process);
  await cleanUp();
  expect(await ended).toMatchObject({ code: null, signal: "SIGKILL" });
});
