import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fallbackText } from "../../src/config/option.ts";
import { RUN_OPTIONS } from "../../src/config/run-options.ts";

const README = join(import.meta.dirname, "../../README.md");
const BLOCK = /(<!-- options:begin[^\n]*-->\n)[\s\S]*?(<!-- options:end -->)/;

/** The options by group, as the README shows them. */
function optionsTable(): string {
  const options = Object.values(RUN_OPTIONS);
  const groups = [...new Set(options.map(({ group }) => group))];
  const tables = groups.map((group) => {
    const rows = options
      .filter((option) => option.group === group)
      .map(
        (option) =>
          `| \`${option.flags.replaceAll("|", "\\|")}\` | ${option.description} | ${fallbackText(option) ?? ""} |`,
      );
    return [`| *${group}* | | default |`, "| --- | --- | --- |", ...rows].join("\n");
  });
  return `\n${tables.join("\n\n")}\n\n`;
}

test("the README's flag table is the one of the program", () => {
  const readme = readFileSync(README, "utf8");
  const expected = readme.replace(BLOCK, (_, begin, end) => `${begin}${optionsTable()}${end}`);
  if (process.env.UPDATE_DOCS) writeFileSync(README, expected);
  else expect(readme).toBe(expected);
});
