import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFile } from "../../../src/output/file/write-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-batch-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

function leave(name: string): string {
  writeFileSync(join(folder, name), "half a line");
  return name;
}

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("what killed processes left beside an output", () => {
  test("is removed when the file is written again", async () => {
    leave(`.out.jsonl.${hostname()}.${deadPid()}.tmp`);
    await writeFile(join(folder, "out.jsonl"), false, once("a\n"));
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  test("is removed even if it has the number of this very process", async () => {
    leave(`.out.jsonl.${hostname()}.${process.pid}.tmp`);
    await writeFile(join(folder, "out.jsonl"), false, once("a\n"));
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
    expect(readFileSync(join(folder, "out.jsonl"), "utf8")).toBe("a\n");
  });

  test("is not written to where others have put a link in its place", async () => {
    const kept = join(folder, leave("kept"));
    symlinkSync(kept, join(folder, `.out.jsonl.${hostname()}.${process.pid}.tmp`));
    await writeFile(join(folder, "out.jsonl"), false, once("a\n"));
    expect(readFileSync(kept, "utf8")).toBe("half a line");
    expect(lstatSync(join(folder, "out.jsonl")).isFile()).toBe(true);
  });

  test("stays where it may be in use, or is not ours", async () => {
    const dead = deadPid();
    const others = [
      leave(`.out.jsonl.${hostname()}.${process.ppid}.tmp`),
      leave(`.out.jsonl.another-host.${dead}.tmp`),
      leave(`.other.jsonl.${hostname()}.${dead}.tmp`),
      leave(`.out.jsonl.${hostname()}.${dead}.tmp.kept`),
      leave(".out.jsonl.tmp"),
    ];
    await writeFile(join(folder, "out.jsonl"), false, once("a\n"));
    expect(readdirSync(folder).sort()).toEqual([...others, "out.jsonl"].sort());
  });

  test("a name as long as names may be can still be written", async () => {
    const name = `${"x".repeat(249)}.jsonl`;
    await writeFile(join(folder, name), false, once("a\n"));
    expect(readdirSync(folder)).toEqual([name]);
  });
});
