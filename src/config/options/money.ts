import { optional } from "../option.ts";
import { text } from "../parse.ts";

/** What calls cost. */
export const MONEY_OPTIONS = {
  priceFile: optional(
    {
      group: "money",
      flags: "--price-file <file>",
      description: "your own prices, YAML or JSON, before the published ones",
    },
    text,
  ),
};
