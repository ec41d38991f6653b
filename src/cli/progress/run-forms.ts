import type { Forms } from "./display.ts";
import { frame } from "./frame.ts";
import { plainLine } from "./plain-line.ts";
import type { Sight } from "./sight.ts";

export const RUN_FORMS: Forms<Sight> = { frame, plainLine };
