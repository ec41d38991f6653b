import { dollars } from "../../domain/nano-usd.ts";
import type { Sight } from "./sight.ts";

/** What a run has cost and will cost, in a long form and a short one. */
export function costText({ usd, forecastUsd }: NonNullable<Sight["cost"]>): [long: string, brief: string] {
  const spent = dollars(usd);
  return [forecastUsd === null ? spent : `${spent} of about ${dollars(forecastUsd)}`, spent];
}
