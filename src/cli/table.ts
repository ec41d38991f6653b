import { printableLine } from "./printable.ts";

/** Lines of columns as wide as their widest cell. */
export function table(head: readonly string[], records: readonly (readonly string[])[]): string {
  const rows = records.map((cells) => cells.map(printableLine));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
