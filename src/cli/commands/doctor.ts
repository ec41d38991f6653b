import { checkDisk } from "../../app/doctor/check-disk.ts";
import { checkNode } from "../../app/doctor/check-node.ts";
import { checkSettings } from "../../app/doctor/check-settings.ts";
import { flagSource } from "../../config/option-source.ts";
import { type Check, failedBy, passed, warned } from "../../domain/check.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import { checkPostgresDriver } from "../../store/postgres/check-driver.ts";
import { checkDriver } from "../../store/sqlite/check-driver.ts";
import { checkFileSystem } from "../../store/sqlite/file-system.ts";
import { NODE_RANGE } from "../../version.ts";
import type { Invocation } from "../context.ts";
import { withReader } from "../session/open-database.ts";
import { withSameFlags } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";
import type { Tone } from "../text/paint.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { wrapWords } from "../text/width.ts";

/** The names of the checks are at most this wide. */
const NAME_CHARS = 12;
/** Errors that keep a database from being checked, but not from being used. */
const HARMLESS = ["DB_NOT_FOUND", "SCHEMA_TOO_OLD"];

/** `llm-batch doctor`: checks the machine, the settings and the database. Changes nothing. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, flags } = invocation;
  const { env, clock, stdout } = context;
  const driver = globals.address === null ? checkDriver() : checkPostgresDriver();
  const checks = [
    checkNode(process.versions.node, NODE_RANGE),
    driver,
    ...(await checkSettings({
      flags: flagSource(flags),
      env,
      config: globals.config,
      offline: flags.offline === true,
      clock,
    })),
    ...(globals.address === null ? [...checkDisk(globals.db), checkFileSystem(globals.db)] : []),
    ...(driver.verdict === "ok" ? await checkDatabase(invocation) : []),
  ].map(({ hint, ...check }): Check => {
    return hint === undefined ? check : { ...check, hint: withSameFlags(hint, globals.sameFlags) };
  });
  const isSound = checks.every(({ verdict }) => verdict !== "failed");
  if (globals.json) stdout.write(`${JSON.stringify({ ok: isSound, checks })}\n`);
  else {
    const lines = checks.flatMap((check) => describe(check, windowOf(stdout)));
    printLines(stdout, lines, context, globals);
  }
  return isSound ? ExitCode.ok : ExitCode.usage;
}

async function checkDatabase(invocation: Invocation): Promise<Check[]> {
  const { db } = invocation.globals;
  try {
    const checks = await withReader(invocation, (store) => store.verify());
    return [passed("database", db), ...checks];
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    const isHarmless = HARMLESS.includes(error.code);
    return [isHarmless ? warned("database", error.message, error.hint) : failedBy("database", error)];
  }
}

const TONES = { ok: "good", warning: "notable", failed: "bad" } as const satisfies Record<
  Check["verdict"],
  Tone
>;

function describe({ name, verdict, message, hint }: Check, columns: number | null): Line[] {
  const [label, ...rest] = [verdict.padEnd("warning".length), `  ${name.padEnd(NAME_CHARS)}  `];
  const width = [label, ...rest].join("").length;
  const room = columns === null ? null : columns - 1 - width;
  const below = (text: string): Line => [span(" ".repeat(width)), span(text)];
  const [first = "", ...others] = room === null ? [message] : wrapWords(span(message).text, room);
  const hints = hint === undefined ? [] : textLines([span(`hint: ${hint}`, "strong")], room);
  return [
    [span(label, TONES[verdict]), span(rest.join("")), span(first)],
    ...others.map(below),
    ...hints.map((line): Line => [span(" ".repeat(width)), ...line]),
  ];
}
