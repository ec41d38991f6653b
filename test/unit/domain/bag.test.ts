import { expect, test } from "vitest";
import { Bag } from "../../../src/domain/bag.ts";

test("whatever is taken out in whatever order, the others stay", () => {
  const bag = new Bag<string>();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((thing) => bag.add(thing));
  bag.remove(b!);
  expect(bag.things.sort()).toEqual(["a", "c", "d"]);
  bag.remove(d!);
  bag.remove(b!);
  expect(bag.things.sort()).toEqual(["a", "c"]);
  bag.add("e");
  bag.remove(a!);
  bag.remove(c!);
  expect(bag.things).toEqual(["e"]);
  expect(bag.size).toBe(1);
});
