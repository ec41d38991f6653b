import type { Option } from "./option.ts";
import { BOUNDS_OPTIONS } from "./options/bounds.ts";
import { ENDPOINT_OPTIONS } from "./options/endpoints.ts";
import { FAILURE_OPTIONS } from "./options/failure.ts";
import { INPUT_OPTIONS } from "./options/input.ts";
import { MONEY_OPTIONS } from "./options/money.ts";
import { OUTPUT_OPTIONS } from "./options/output.ts";
import { REQUEST_OPTIONS } from "./options/request.ts";
import { SHARING_OPTIONS } from "./options/sharing.ts";
import { SPEED_OPTIONS } from "./options/speed.ts";
import { STORAGE_OPTIONS } from "./options/storage.ts";

/**
 * Every setting of a run, once: the flags, the help, the environment variables (`LLM_BATCH_` and the flag's name), the
 * config file's keys and the README's table are all made from this.
 */
export const RUN_OPTIONS = {
  ...INPUT_OPTIONS,
  ...REQUEST_OPTIONS,
  ...ENDPOINT_OPTIONS,
  ...SPEED_OPTIONS,
  ...FAILURE_OPTIONS,
  ...BOUNDS_OPTIONS,
  ...MONEY_OPTIONS,
  ...OUTPUT_OPTIONS,
  ...SHARING_OPTIONS,
  ...STORAGE_OPTIONS,
};

type Table = Record<string, Option<unknown>>;
type OptionValues<T extends Table> = {
  readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never;
};
export type RunOptionName = keyof typeof RUN_OPTIONS;
export type RunOptions = OptionValues<typeof RUN_OPTIONS>;
