import { describe, expect, test } from "vitest";
import { rowGroup } from "../../../src/input/row-group.ts";
import { parseRow } from "../../../src/request/parse-row.ts";

const groupOf = (row: string, field = "team"): string => rowGroup(parseRow(row), field);

describe("a row's group", () => {
  test.each([
    ['{"team":"red"}', "red"],
    ['{"team":" "}', " "],
    ['{"team":12345678901234567890}', "12345678901234567890"],
    ['{"team":1.50}', "1.50"],
    ['{"team":true}', "true"],
    ['{"team":"own","body":{"team":"of the request"}}', "own"],
    ['{"url":"/v1/chat/completions","body":{"team":"red"}}', "red"],
    ['{"custom_id":"a","params":{"team":7}}', "7"],
  ])("of %s is %j", (row, group) => {
    expect(groupOf(row)).toBe(group);
  });

  test.each([
    ["{}", 'the --budget-by field "team" is missing'],
    ['{"body":{}}', "is missing"],
    ['{"team":""}', "is empty"],
    ['{"team":null}', "is null, not a string, number or boolean"],
    ['{"team":["red"]}', "is an array"],
    [`{"team":"${"x".repeat(201)}"}`, "is longer than 200 characters"],
    ['{"team":"\\ud800"}', "holds half a character"],
  ])("of %s is refused", (row, message) => {
    expect(() => groupOf(row)).toThrow(
      expect.objectContaining({ code: "BAD_GROUP", message: expect.stringContaining(message) }),
    );
  });

  test("of 200 characters is taken", () => {
    expect(groupOf(`{"team":"${"x".repeat(200)}"}`)).toHaveLength(200);
  });

  test("is never what every object has", () => {
    expect(() => groupOf('{"body":{}}', "constructor")).toThrow("is missing");
  });
});
