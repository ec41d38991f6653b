import type { ResultLine } from "../../helpers/rows.ts";

/** What is wrong with exported rows: each id once, in the order of the input, and its prompt as its answer. */
export function wrongRows(prompts: readonly string[], rows: readonly ResultLine[]): string[] {
  if (rows.length !== prompts.length) return [`${rows.length} rows of ${prompts.length} in the results`];
  return prompts.flatMap((prompt, index) => {
    const { id, output, status } = rows[index]!;
    const right = id === `q-${index + 1}` && status === "succeeded" && output === prompt;
    return right ? [] : [`row ${index + 1} of the results is ${id}, ${status}: ${output}`];
  });
}
