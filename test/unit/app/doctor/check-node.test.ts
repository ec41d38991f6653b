import { expect, test } from "vitest";
import { checkNode } from "../../../../src/app/doctor/check-node.ts";

const RANGE = ">=20.19 <21 || >=22.14";

test.each([
  ["20.19.0", "ok"],
  ["20.20.2", "ok"],
  ["22.14.0", "ok"],
  ["24.0.0-nightly", "ok"],
  ["20.18.9", "failed"],
  ["21.7.0", "failed"],
  ["22.9.0", "failed"],
  ["18.20.0", "failed"],
])("Node %s is %s", (version, verdict) => {
  const check = checkNode(version, RANGE);
  expect(check).toMatchObject({ name: "node", verdict });
  expect(check.hint).toBe(verdict === "ok" ? undefined : `install Node ${RANGE}`);
});
