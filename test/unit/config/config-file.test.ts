import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configSource } from "../../../src/config/config-file.ts";
import { tempFolder } from "../../helpers/cli.ts";

function read(yaml: string): unknown {
  const path = join(tempFolder(), "settings.yaml");
  writeFileSync(path, yaml);
  return configSource(path).given;
}

describe("the config file", () => {
  test("holds flags without their dashes", () => {
    expect(read("rpm: 600\nmodel: m\nskip-invalid: true\n")).toEqual({
      rpm: "600",
      model: "m",
      skipInvalid: "true",
    });
  });

  test("gives flags that repeat as a map, whose values stay JSON", () => {
    expect(read('param:\n  top_p: 0.5\n  stop: ["a"]\n')).toEqual({ param: ["top_p=0.5", 'stop=["a"]'] });
  });

  test("may be empty", () => {
    expect(read("# nothing yet\n")).toEqual({});
    expect(read('system: ""\n')).toEqual({ system: "" });
  });

  test.each([
    ["rmp: 600\n", /unknown setting "rmp", did you mean "rpm"\?/],
    ["model: [a, b]\n", /model: expected one value/],
    ["system: {a: 1}\n", /system: expected one value/],
    ["param: [a]\n", /param: expected a map/],
    ['output: ""\n', /output: is empty/],
    ["- rpm\n", /expected a map of settings/],
    ["rpm: [\n", /settings\.yaml: .*line 2, column 1$/],
    ["api-key: sk-123\n", /unknown setting "api-key"/],
  ])("refuses %j with its place", (yaml, message) => {
    expect(() => read(yaml)).toThrow(message);
  });

  test("says where a key belongs instead, and doesn't repeat it", () => {
    expect(() => read("api-key: sk-123\n")).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining("sk-123"),
        hint: expect.stringContaining("--env-file"),
      }),
    );
  });
});
