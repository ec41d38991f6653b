import { expect, test } from "vitest";
import { transportMessage } from "../../../../src/provider/http/transport-codes.ts";

test.each([
  [{ code: "ECONNREFUSED", address: "::1", port: 80 }, "nothing listens at [::1]:80 (ECONNREFUSED)"],
  [{ code: "ENOTFOUND", hostname: "a.invalid" }, "there is no host a.invalid (ENOTFOUND)"],
  [{ code: "EHOSTUNREACH", address: "10.0.0.1" }, "there is no way to 10.0.0.1 (EHOSTUNREACH)"],
  [{ code: "E_OF_A_NEW_KIND" }, "said by the system"],
])("an error of the system is told in words: %o", (parts, message) => {
  expect(transportMessage(Object.assign(new Error("said by the system"), parts))).toBe(message);
});

test("a parser that may not reserve its memory is told with the way on", () => {
  const error = new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory");
  expect(transportMessage(error)).toContain("ulimit -v");
});
