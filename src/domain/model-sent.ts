import type { Target } from "./request.ts";

/**
 * The model that a target is asked for, given the one that a row names (null for none). Null leaves the choice to the provider;
 * undefined means that the target doesn't serve the row's model.
 */
export function modelSent(
  { model, models, everyModel }: Target,
  named: string | null,
): string | null | undefined {
  if (named === null || everyModel) return model;
  if (models === null) return named;
  return Object.hasOwn(models, named) ? models[named] : undefined;
}
