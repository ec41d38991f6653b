export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ["_bucket", "_sum", "_count"] };

/**
 * Reads Prometheus' text format, and takes nothing that the format doesn't allow: each family has its help and type before
 * its samples, in one block; no series twice; buckets that grow to +Inf, which is the count.
 */
export function readPrometheusText(text: string): { types: ReadonlyMap<string, string>; samples: Sample[] } {
  if (!text.endsWith("\n")) throw new Error("the last line doesn't end");
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  let family = "";
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, kind, name, rest] = COMMENT.exec(line) ?? [];
    if (kind === "HELP") family = name!;
    else if (kind === undefined) samples.push(readMember(line, family, types.get(family) ?? ""));
    else if (name !== family || types.has(family)) throw new Error(`a stray type: ${line}`);
    else types.set(family, rest!);
  }
  checkTwice(samples);
  checkBuckets(samples);
  return { types, samples };
}

function readMember(line: string, family: string, type: string): Sample {
  const sample = readSample(line);
  const names = (SUFFIXES[type] ?? [""]).map((suffix) => family + suffix);
  if (!names.includes(sample.name)) throw new Error(`not of ${family}: ${line}`);
  return sample;
}

function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  return name + JSON.stringify(Object.entries(labels).sort());
}

function checkTwice(samples: readonly Sample[]): void {
  const seen = new Set<string>();
  for (const { name, labels } of samples) {
    const series = seriesOf(name, labels);
    if (seen.has(series)) throw new Error(`twice: ${series}`);
    seen.add(series);
  }
}

function readSample(line: string): Sample {
  const [, name, labelText = "", valueText] = SAMPLE.exec(line) ?? [];
  if (!name || !valueText) throw new Error(`no sample: ${line}`);
  const value = /^[+-]Inf$/.test(valueText)
    ? Number(valueText.replace("Inf", "Infinity"))
    : Number(valueText);
  if (Number.isNaN(value) && valueText !== "NaN" && valueText !== "Nan")
    throw new Error(`no number: ${line}`);
  return { name, labels: readLabels(labelText), value };
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || name in labels) throw new Error(`no labels: ${text}`);
    labels[name] = value!.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}

function checkBuckets(samples: readonly Sample[]): void {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (!name.endsWith("_bucket")) continue;
    const { le, ...rest } = labels;
    const series = seriesOf(name.replace(/_bucket$/, "_count"), rest);
    if (value < (counts.get(series) ?? 0)) throw new Error(`buckets of ${series} shrink at ${le}`);
    counts.set(series, value);
  }
  for (const { name, labels, value } of samples) {
    const last = counts.get(seriesOf(name, labels));
    if (last !== undefined && last !== value) throw new Error(`${name}: the count isn't the last bucket's`);
  }
}
