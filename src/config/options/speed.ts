import { option } from "../option.ts";
import { concurrency, limit, share } from "../parse.ts";

/** How fast: quotas that are told, and the calls in flight. */
export const SPEED_OPTIONS = {
  concurrency: option(
    {
      group: "speed",
      flags: "-c, --concurrency <n|auto>",
      description: "calls in flight at once, for each model",
    },
    concurrency,
    "auto",
  ),
  rpm: option({ group: "speed", flags: "--rpm <n|auto>", description: "requests per minute" }, limit, "auto"),
  tpm: option(
    { group: "speed", flags: "--tpm <n|auto>", description: "tokens per minute, input and output" },
    limit,
    "auto",
  ),
  itpm: option(
    { group: "speed", flags: "--itpm <n|auto>", description: "input tokens per minute" },
    limit,
    "auto",
  ),
  otpm: option(
    { group: "speed", flags: "--otpm <n|auto>", description: "output tokens per minute" },
    limit,
    "auto",
  ),
  rpd: option({ group: "speed", flags: "--rpd <n|auto>", description: "requests per day" }, limit, "auto"),
  tpd: option({ group: "speed", flags: "--tpd <n|auto>", description: "tokens per day" }, limit, "auto"),
  share: option(
    {
      group: "speed",
      flags: "--share <p%>",
      description: "share of every quota to use; others keep the rest",
    },
    share,
    1,
  ),
};
