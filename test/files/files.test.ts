import { expect, test } from "vitest";
import { tempFolder } from "../helpers/cli.ts";
import { PROVIDERS, prove } from "./proof.ts";

/** `npm run test:files` sends 50,000. */
const LINES = 300;

test.each(Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[])(
  "to a program that reads results of %s, ours are the provider's own",
  async (name) => {
    const { ended, theirs, ours } = await prove(name, LINES, tempFolder());
    expect(ended.code, ended.stderr).toBe(3);
    expect(ours.size).toBe(LINES);
    expect(ours).toEqual(theirs);
  },
);
