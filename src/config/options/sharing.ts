import { option } from "../option.ts";
import { flag } from "../parse.ts";

/** Which rows may have an answer without a call of their own. */
export const SHARING_OPTIONS = {
  dedupe: option(
    {
      group: "sharing",
      flags: "--dedupe",
      description: "send identical requests of the run once, and answer all of them",
    },
    flag,
    false,
  ),
  reuse: option(
    {
      group: "sharing",
      flags: "--reuse",
      description: "take over the answers that earlier runs got to identical requests",
    },
    flag,
    false,
  ),
};
