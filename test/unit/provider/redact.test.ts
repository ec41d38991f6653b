import { expect, test } from "vitest";
import { redact } from "../../../src/provider/redact.ts";

test.each([
  "Incorrect API key provided: sk-proj-********MxYA.",
  "gsk_abcdefghijklmnop",
  "AIzaSyA1234567890",
  "Authorization: Bearer abcdef0123456789abcdef",
  'api_key="abcdef0123456789"',
  "xai-0123456789abcdef",
])("what looks like a key is taken out of an error: %s", (text) => {
  const cleaned = redact(null).error(text);
  expect(cleaned).toContain("[key]");
  expect(cleaned).not.toMatch(/MxYA|abcdef|123456/);
});

test.each(["Bearer authentication is needed", "use a basic plan", "the sk-learn package"])(
  "plain words stay: %s",
  (text) => {
    expect(redact(null).error(text)).toBe(text);
  },
);

test("an answer stays as it is but for the very key", () => {
  const { answer } = redact("0123456789abcdef0123");
  expect(answer("sk-proj-abcdefghijk and 0123456789abcdef0123")).toBe("sk-proj-abcdefghijk and [key]");
});

test("a stand-in for a key doesn't touch answers", () => {
  expect(redact("ollama").answer("I run on ollama")).toBe("I run on ollama");
  expect(redact("hunter2").error("bad key hunter2")).toBe("bad key [key]");
});
