import { describe, expect, test } from "vitest";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import { parseSimulatorSettings, parseSomeSettings } from "../../../src/simulator/parse-settings.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/settings.ts";

test("every setting has a default of its own form", () => {
  const settings = parseSimulatorSettings([]);
  expect(Object.keys(settings)).toEqual(Object.keys(SIMULATOR_SETTINGS));
  expect(settings).toMatchObject({
    rpm: null,
    fault: [],
    outage: [],
    answer: "short",
    seed: 1,
    models: null,
  });
  expect(settings.latency).toEqual({ kind: "constant", value: 0 });
  expect(settings.window).toEqual({ kind: "bucket", spanMs: 60_000 });
});

test.each([
  ["latency", "0", { kind: "constant", value: 0 }],
  ["latency", "200ms", { kind: "constant", value: 200 }],
  ["latency", "uniform:50ms-1.5s", { kind: "uniform", from: 50, to: 1_500 }],
  ["latency", "lognormal:median=6s,sigma=0.4", { kind: "lognormal", median: 6_000, sigma: 0.4 }],
  ["output-tokens", "uniform:50-200", { kind: "uniform", from: 50, to: 200 }],
  ["output-tokens", "none", null],
  ["concurrency", "8", 8],
  ["cached", "12.5%", 0.125],
  ["models", "a, b", ["a", "b"]],
  ["rpm", "none", null],
  ["window", "sliding:10s", { kind: "sliding", spanMs: 10_000 }],
  ["outage", "30s-2m", [{ span: { unit: "ms", from: 30_000, to: 120_000 }, form: 503 }]],
  ["outage", "calls:100-140:reset", [{ span: { unit: "calls", from: 100, to: 140 }, form: "reset" }]],
  ["outage", "0s-1s:502", [{ span: { unit: "ms", from: 0, to: 1_000 }, form: 502 }]],
])("%s takes %s", (name, text, value) => {
  expect(parseSomeSettings([[name, text]])).toEqual({ [name]: value });
});

test.each([
  ["seed", "-1"],
  ["seed", "x"],
  ["latency", "fast"],
  ["latency", "200"],
  ["latency", "uniform:2s-1s"],
  ["latency", "lognormal:median=6s"],
  ["output-tokens", "0"],
  ["concurrency", "0"],
  ["cached", "101%"],
  ["cached", "0.5"],
  ["models", "a,,b"],
  ["rpm", "0"],
  ["rpm", "1.5"],
  ["window", "sliding"],
  ["window", "bucket:0s"],
  ["charging", "later"],
  ["headers", "OpenAI"],
  ["hint", "soon"],
  ["outage", "30s"],
  ["outage", "100-140"],
  ["outage", "calls:30s-90s"],
  ["outage", "90s-30s"],
  ["outage", "30s-90s:429"],
])("%s does not take %s", (name, text) => {
  expect(() => parseSomeSettings([[name, text]])).toThrow(
    expect.objectContaining({
      code: "BAD_OPTION",
      message: expect.stringContaining(`${name} cannot be "${text}"`),
    }),
  );
});

test("an unknown name is refused with the one that may have been meant", () => {
  expect(() => parseSimulatorSettings([["rmp", "5"]])).toThrow(LlmBatchError);
  expect(() => parseSimulatorSettings([["rmp", "5"]])).toThrow(
    expect.objectContaining({ hint: "did you mean rpm?" }),
  );
});

test("faults add up when repeated, other settings are replaced", () => {
  const settings = parseSimulatorSettings([
    ["fault", "hang"],
    ["rpm", "5"],
    ["fault", "503:rate=5%"],
    ["rpm", "6"],
  ]);
  expect(settings.fault.map(({ name }) => name)).toEqual(["hang", "503"]);
  expect(settings.rpm).toBe(6);
});

describe("a fault", () => {
  const parse = (text: string) => parseSomeSettings([["fault", text]]).fault![0]!;

  test("strikes every call of every prompt unless told otherwise", () => {
    expect(parse("hang")).toEqual({
      name: "hang",
      fault: { kind: "hang", overMs: 10_000 },
      rate: 1,
      span: { unit: "calls", from: 0, to: Infinity },
      match: "",
      times: Infinity,
    });
  });

  test("reads all its fields", () => {
    expect(parse("429:rate=5%:from=30s:to=90s:match=a=b: c:times=2:hint=google:after=2s")).toEqual({
      name: "429",
      fault: { kind: "error", error: 429, in200: false, retry: { form: "google", afterMs: 2_000 } },
      rate: 0.05,
      span: { unit: "ms", from: 30_000, to: 90_000 },
      match: "a=b: c",
      times: 2,
    });
  });

  test("names its status in the kind or in a field", () => {
    expect(parse("status:status=504")).toEqual({ ...parse("504") });
  });

  test.each([
    "",
    "sleep",
    "200",
    "status",
    "hang:tims=1",
    "hang:times=0",
    "hang:over=1s",
    "503:over=1s",
    "503:status=500",
    "503:rate=5",
    "503:from=1s:to=5",
    "429:hint=later",
    "429:after=soon",
    "error-in-200:status=200",
  ])("is refused as %j", (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  });
});
