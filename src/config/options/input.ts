import { option, optional } from "../option.ts";
import { count, delimiter, flag, oneOf, range, text } from "../parse.ts";

/** What is read, and how a row becomes a prompt. */
export const INPUT_OPTIONS = {
  format: optional(
    {
      group: "input",
      flags: "--format <format>",
      description: "jsonl, json, csv or tsv; else by the file's ending",
    },
    oneOf("jsonl", "json", "csv", "tsv"),
  ),
  delimiter: optional(
    {
      group: "input",
      flags: "--delimiter <char>",
      description: "what separates the fields of CSV, such as ';' (a comma, in TSV a tab)",
    },
    delimiter,
  ),
  idField: optional(
    {
      group: "input",
      flags: "--id-field <name>",
      description: "field that holds a row's id (custom_id, id, else row-N)",
    },
    text,
  ),
  promptField: optional(
    { group: "input", flags: "--prompt-field <name>", description: "field that holds the prompt" },
    text,
  ),
  template: optional(
    { group: "input", flags: "--template <text|@file>", description: "prompt with {{field}} in it" },
    text,
  ),
  system: optional(
    { group: "input", flags: "--system <text|@file>", description: "system prompt; may hold {{field}}" },
    text,
  ),
  limit: optional(
    { group: "input", flags: "--limit <n>", description: "take only the first n rows" },
    count(),
  ),
  range: optional(
    { group: "input", flags: "--range <a:b>", description: "take only rows a to b, counted from 1" },
    range,
  ),
  budgetBy: optional(
    {
      group: "input",
      flags: "--budget-by <field>",
      description: "field by whose text rows are grouped: groups take turns, and `budgets` limits each",
    },
    text,
  ),
  skipInvalid: option(
    {
      group: "input",
      flags: "--skip-invalid",
      description: "keep bad rows as failed instead of refusing the file",
    },
    flag,
    false,
  ),
};
