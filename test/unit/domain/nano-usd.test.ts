import { expect, test } from "vitest";
import { toUsd, usdText } from "../../../src/domain/nano-usd.ts";

test.each([
  [0, "$0"],
  [1, "$0.0000000010"],
  [1_234_000, "$0.0012"],
  [12_340_000, "$0.012"],
  [450_000_000, "$0.45"],
  [999_999_999, "$1.00"],
  [12_345_678_900, "$12.35"],
  [1_234_567_000_000, "$1234.57"],
])("%d nano-USD read %s", (nanoUsd, text) => {
  expect(usdText(nanoUsd)).toBe(text);
});

test("files get USD as a decimal", () => {
  expect(toUsd(1_500_000_000)).toBe(1.5);
});
