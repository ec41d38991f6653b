import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { admit } from "../../../src/ui/admission.ts";

test.each([
  [8_080, "127.0.0.1:8080"],
  [8_080, "localhost:8080"],
  [8_080, "[::1]:8080"],
  [80, "127.0.0.1"],
])("a page served on port %i is let in as a browser names it: %s", (port, host) => {
  const asked = (name: string) => {
    const request = { method: "GET", url: "/secret/r_1/", headers: { host: name } };
    return admit(request as IncomingMessage, { port, token: "secret" });
  };
  expect(asked(host)).toMatchObject({ path: "r_1/" });
  expect(asked("evil.example")).toBe(403);
  expect(asked("127.0.0.1:81")).toBe(403);
});
