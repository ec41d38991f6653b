import { compact } from "./numbers.ts";

/** What calls may have used at most; an answer whose length nothing bounds is estimated as 0. */
export function mostTokens(input: number, output: number): string {
  const answers = output > 0 ? `${compact(output)} out` : "answers of any length";
  return `no more than ${compact(input)} tokens in, ${answers}`;
}
