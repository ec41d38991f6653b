import type { Target } from "./request.ts";

/**
 * What a target is asked for where a row names `named` (null for none), null leaving it to the row or the provider.
 * Undefined for a model that the target doesn't serve.
 */
export function modelSent(
  { model, models, everyModel }: Target,
  named: string | null,
): string | null | undefined {
  if (named === null || everyModel) return model;
  if (models === null) return named;
  return Object.hasOwn(models, named) ? models[named] : undefined;
}
