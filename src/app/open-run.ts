import { resolve } from "node:path";
import type { Readable } from "node:stream";
import type { GivenOptions } from "../config/option-source.ts";
import type { RunOptions } from "../config/run-options.ts";
import { DuplicateId } from "../domain/duplicate-id.ts";
import { LlmBatchError } from "../domain/errors.ts";
import { grouped } from "../domain/grouped.ts";
import { type RequestSettings, targetsOf } from "../domain/request.ts";
import { type InputFormat, inputNames, type Run, type Source } from "../domain/run.ts";
import { formatOf } from "../input/formats.ts";
import { type InputFile, importRun } from "../input/import.ts";
import type { Clock } from "../ports/clock.ts";
import type { ReadSoFar } from "../ports/import.ts";
import type { Store } from "../ports/store.ts";
import { fingerprint } from "./fingerprint.ts";
import { hashRequests } from "./hash-requests.ts";
import { withInputFiles } from "./input-files.ts";
import { answerCheckOf } from "./settings/answer-check.ts";
import { compilePriceCheck } from "./settings/budget-settings.ts";
import { checkPriceFile } from "./settings/prices.ts";
import { apiKey } from "./settings/request-settings.ts";
import { simulatorSettings } from "./settings/simulation.ts";
import { unsentNotes } from "./unsent-notes.ts";
import { checkOutput, refuseInputAsOutput } from "./write-results.ts";

export interface OpenRunOptions {
  store: Store;
  /** Paths as the user gave them; `-` is standard input. */
  inputs: readonly string[];
  stdin: Readable;
  options: RunOptions;
  /** What a later `resume` starts with. */
  given: GivenOptions;
  request: RequestSettings;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** As in `ImportRequest`. */
  thread: URL | null;
  /** `--new`: never continue an earlier run. */
  fresh: boolean;
  /** As in `ImportRequest`. */
  seeRead(read: ReadSoFar): void;
  say(text: string): void;
}

/**
 * Finds the run of these inputs and options, or imports it. Everything that can be wrong is found here, before the
 * first call.
 * @throws LlmBatchError for bad input, BAD_OPTION, BAD_SCHEMA, BAD_PRICE_FILE, RUN_CANCELLED, INPUT_CHANGED, OUTPUT_EXISTS, MISSING_KEY,
 * UNKNOWN_PRICE
 */
export async function openRun(context: OpenRunOptions): Promise<Run> {
  const { inputs, stdin, options, request, env } = context;
  for (const target of targetsOf(request)) apiKey(target, env);
  refuseInputAsOutput(options.output, inputs);
  await answerCheckOf(request);
  await simulatorSettings(request, options);
  if (options.priceFile !== null) await checkPriceFile(options.priceFile);
  return withInputFiles(inputs, stdin, async (files) => {
    const identity = fingerprint(files, request, options);
    return (await findEarlier(context, files, identity)) ?? (await importNew(context, files, identity));
  }).catch(async (error) => Promise.reject(await namingItsRun(error, context)));
}

/** An input that is gone, of which there is an unfinished run: the error names the run, as its rows are in the database. */
async function namingItsRun(error: unknown, { store, inputs, fresh }: OpenRunOptions): Promise<unknown> {
  if (fresh || !(error instanceof LlmBatchError) || error.code !== "INPUT_NOT_FOUND") return error;
  const { code, message } = error;
  const paths = inputs.map((path) => resolve(path)).join("\n");
  const isOfThese = ({ sources }: Run): boolean =>
    sources.map((source) => resolve(source.path)).join("\n") === paths;
  const run = (await openRuns(store)).find(isOfThese);
  if (!run) return error;
  const hint = `check the path, or go on with the unfinished run of it, whose rows are in the database: \`llm-batch resume ${run.id}\``;
  return new LlmBatchError({ code, message, hint, cause: error });
}

async function openRuns(store: Store): Promise<readonly Run[]> {
  return (await store.listRuns()).filter(isOpen);
}

function isOpen({ state }: Run): boolean {
  return state === "open";
}

async function findEarlier(
  context: OpenRunOptions,
  files: readonly InputFile[],
  identity: string,
): Promise<Run | null> {
  const { store, fresh, options, given, say } = context;
  if (fresh) return null;
  const run = await store.findRun({ fingerprint: identity });
  if (!run) {
    const runs = await store.listRuns();
    const open = runs.filter(isOpen);
    refuseChangedInput(open, files);
    tellOfUnfinished(open, files, say);
    tellOfAnswers(runs, files, context);
    return null;
  }
  if (run.state === "cancelled") {
    throw new LlmBatchError({
      code: "RUN_CANCELLED",
      message: `${run.id} is the run of this input, and it was cancelled`,
      hint: "start a fresh run of the same input with --new",
    });
  }
  checkOutput(options.output, options, run);
  const output = options.output ?? run.output;
  await store.updateOptions(run.id, given, output);
  say(`continuing ${run.id}`);
  return { ...run, output };
}

function refuseChangedInput(open: readonly Run[], files: readonly InputFile[]): void {
  for (const { path, hash } of files) {
    const run = open.find(({ sources }) =>
      sources.some((source) => path !== "-" && isAt(source, path) && source.hash !== hash),
    );
    if (!run) continue;
    throw new LlmBatchError({
      code: "INPUT_CHANGED",
      message: `${path}: has changed since the unfinished run ${run.id} was started`,
      hint: `\`llm-batch resume ${run.id}\` finishes the old rows; \`--new --reuse\` starts a run of the new ones that takes over the answers to equal requests`,
    });
  }
}

/**
 * Says that this is a new run though one of the same input is unfinished: with other settings, every row is sent and paid for
 * again.
 */
function tellOfUnfinished(
  open: readonly Run[],
  files: readonly InputFile[],
  say: (text: string) => void,
): void {
  const run = open.find(
    ({ sources }) =>
      sources.length === files.length &&
      files.every(({ path, hash }, at) => isAt(sources[at]!, path) && sources[at]!.hash === hash),
  );
  if (run === undefined) return;
  say(
    `this is a new run, as its settings are others; \`llm-batch resume ${run.id}\` goes on with the unfinished one of this input`,
  );
}

/** Says that files with whose rows a run is finished have changed: without `--reuse` every row is sent and paid for again. */
function tellOfAnswers(
  runs: readonly Run[],
  files: readonly InputFile[],
  { request, options, say }: OpenRunOptions,
): void {
  if (options.reuse || files.some(({ path }) => path === "-")) return;
  const run = runs.find(
    ({ state, sources, fingerprint: identity }) =>
      state === "finished" &&
      sources.length === files.length &&
      files.every(({ path }, at) => isAt(sources[at]!, path)) &&
      fingerprint(sources, request, options) === identity,
  );
  if (run === undefined) return;
  const names = inputNames(files.map(({ path }) => path));
  say(
    `${names} has changed since ${run.id}: every row is sent; with --reuse only those whose request has no answer yet`,
  );
}

function isAt(source: Source, path: string): boolean {
  return resolve(source.path) === resolve(path);
}

/** What is known of a source before its rows are read. */
function unread(path: string, hash: string, format: InputFormat | null): Source {
  return { path, hash, format: format ?? formatOf(path), columns: null };
}

async function importNew(
  { store, inputs, options, given, request, clock, thread, fresh, seeRead, say }: OpenRunOptions,
  files: readonly InputFile[],
  identity: string,
): Promise<Run> {
  checkOutput(options.output, options, null);
  const seeModel = await compilePriceCheck(request, options, clock);
  if (options.reuse) await hashRequests(store);
  const sharing = { dedupe: options.dedupe, reuse: options.reuse };
  const sources = files.map(({ path, hash }) => unread(path, hash, options.format));
  const { output } = options;
  const begun = { fingerprint: identity, request, options: given, sources, output };
  const newRun = { ...begun, sharing, mayRepeat: fresh };
  const { run, rows, bad, unsent } = await importRun({
    inputs: files,
    newRun,
    options,
    store,
    thread,
    seeModel,
    seeRead,
  }).catch((error) => {
    throw error instanceof DuplicateId ? error.named(inputs) : error;
  });
  const kept = bad > 0 ? `, ${bad} of them bad and kept as failed` : "";
  say(`${run.id}: ${grouped(rows)} ${rows === 1 ? "row" : "rows"} from ${inputNames(inputs)}${kept}`);
  for (const note of unsentNotes(unsent)) say(note);
  return run;
}
