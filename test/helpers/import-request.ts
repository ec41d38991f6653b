import type { RequestSettings } from "../../src/domain/request.ts";
import type { ImportOptions, ImportRequest } from "../../src/input/import.ts";
import { requestSettings } from "./request-settings.ts";
import { newRun } from "./stored-run.ts";

interface Wanted {
  inputs: ImportRequest["inputs"];
  store: ImportRequest["store"];
  request?: Partial<RequestSettings>;
  options?: Partial<ImportOptions>;
}

/** An import with every option at rest, and what a test wants otherwise. */
export function importRequest({ inputs, store, request, options }: Wanted): ImportRequest {
  return {
    inputs,
    store,
    thread: null,
    newRun: newRun({ request: requestSettings(request) }),
    options: {
      format: null,
      delimiter: null,
      skipInvalid: false,
      range: null,
      limit: null,
      maxRequestTokens: null,
      budgetBy: null,
      ...options,
    },
  };
}
