import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBody } from "../../../src/observe/events/event.ts";
import { eventText } from "../../../src/observe/events/event-text.ts";

type RowDone = Extract<EventBody, { type: "row_done" }>;

const text = fc.string({ unit: "binary" });
const count = fc.nat();
const rowDone: fc.Arbitrary<RowDone> = fc.record({
  type: fc.constant("row_done" as const),
  id: text,
  status: fc.constantFrom("succeeded", "failed"),
  code: fc.option(text),
  attempts: count,
  latency_ms: count,
  wait_ms: count,
  tokens: fc.option(fc.record({ input: count, cached_input: count, output: count })),
  model: fc.option(text),
  provider: text,
});

test("the line of a row is what JSON.stringify makes of it, whatever its names hold", () => {
  fc.assert(
    fc.property(rowDone, (body) => {
      expect(eventText(body)).toBe(JSON.stringify(body));
    }),
  );
});
