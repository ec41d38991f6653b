import { peakOf, type Sample } from "./sample.ts";
import type { Timed } from "./watch.ts";

/** A part of the work, and the most the process held in it. */
export interface Stretch extends Sample {
  name: string;
  durationMs: number;
}

type DrainSample = Timed<Sample & { calls: number }>;

/** The samples of a `run`, cut into the import, before the first call, and ten parts of as many calls each. */
export function stretchesOf(samples: readonly DrainSample[], rows: number): Stretch[] {
  const importing = samples.filter(({ calls }) => calls === 0);
  const tenths = Array.from({ length: 10 }, (_, tenth) => {
    const isIn = ({ calls }: DrainSample): boolean =>
      calls > 0 && Math.min(9, Math.floor((10 * calls) / rows)) === tenth;
    return stretchOf(`${10 * tenth}-${10 * (tenth + 1)} %`, samples.filter(isIn));
  });
  return [stretchOf("import", importing), ...tenths];
}

export function stretchOf(name: string, samples: readonly Timed<Sample>[]): Stretch {
  const durationMs = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  return { name, durationMs, ...peakOf(samples) };
}
