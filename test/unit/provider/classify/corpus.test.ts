import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import type { QuotaReport } from "../../../../src/domain/outcome.ts";
import { classify } from "../../../../src/provider/classify/classify.ts";
import { findPreset } from "../../../../src/provider/presets.ts";
import { redact } from "../../../../src/provider/redact.ts";
import { WIRE_FORMS } from "../../../../src/provider/wire/wire-forms.ts";

/** A reply as a provider really sent it. */
interface RealCase {
  /** Where it is documented, or was reported. */
  source: string;
  note?: string;
  /** When it came, where that matters. */
  seen?: string;
  reply: { status: number; headers: Record<string, string>; body: string };
  expect: {
    kind: string;
    code: string;
    retryAfterMs: number | null;
    blockedBy?: string;
    quota?: QuotaReport[];
  };
}

const folder = new URL("../../../../fixtures/provider/", import.meta.url).pathname;
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".json"),
);
const cases = paths.map((path) => ({
  name: `${dirname(path)}: ${basename(path, ".json")}`,
  provider: dirname(path),
  real: JSON.parse(readFileSync(folder + path, "utf8")) as RealCase,
}));

test("the corpus is there", () => {
  expect(cases.length).toBeGreaterThan(100);
});

test.each(cases)("$name", ({ provider, real }) => {
  const preset = findPreset(provider);
  const outcome = classify(
    { ...real.reply, cutOff: false },
    {
      wire: WIRE_FORMS[preset?.api ?? "chat"],
      dialect: preset?.dialect ?? "generic",
      wallMs: Date.parse(real.seen ?? "2026-01-01T00:00:00Z"),
      redact: redact(null),
    },
  );
  const { quota, ...expected } = real.expect;
  expect(outcome, real.source).toMatchObject({ blockedBy: null, ...expected });
  if (quota) expect(outcome.quota).toEqual(quota);
});
