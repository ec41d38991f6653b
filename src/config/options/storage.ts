import { option } from "../option.ts";
import { oneOf } from "../parse.ts";

/** How the job table is kept. */
export const STORAGE_OPTIONS = {
  durability: option(
    {
      group: "storage",
      flags: "--durability <level>",
      description: "full survives power loss; normal is faster",
    },
    oneOf("full", "normal"),
    "full",
  ),
};
