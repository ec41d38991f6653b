import { expect, test } from "vitest";
import { timeoutOf } from "../../../../src/app/settings/limits.ts";
import { flagSource } from "../../../../src/config/option-source.ts";
import { resolveOptions } from "../../../../src/config/resolve.ts";

test.each([
  ["10 minutes", {}, 600_000],
  ["15 with --service-tier flex, which answers when there is room", { serviceTier: "flex" }, 900_000],
  ["10 with another tier", { serviceTier: "priority" }, 600_000],
  ["what --timeout says, whatever the tier", { serviceTier: "flex", timeout: "30s" }, 30_000],
])("a call may take %s", (_, flags, timeoutMs) => {
  expect(timeoutOf(resolveOptions([flagSource(flags)]))).toBe(timeoutMs);
});
