import { option, optional } from "../option.ts";
import { flag, oneOf, port, text } from "../parse.ts";

/** Where results go. */
export const OUTPUT_OPTIONS = {
  output: optional(
    {
      group: "output",
      flags: "-o, --output <file>",
      description: "write the results here when the run ends",
    },
    text,
  ),
  outputFormat: optional(
    {
      group: "output",
      flags: "--output-format <format>",
      description:
        "jsonl, csv, tsv, parquet, openai or anthropic; else by the file's ending, or a batch file's own",
    },
    oneOf("jsonl", "csv", "tsv", "openai", "anthropic", "parquet"),
  ),
  force: option(
    { group: "output", flags: "--force", description: "replace a file that is in the way" },
    flag,
    false,
  ),
  metricsPort: optional(
    {
      group: "output",
      flags: "--metrics-port <n>",
      description: "serve metrics for Prometheus on loopback; 0 takes a free port",
    },
    port,
  ),
};
