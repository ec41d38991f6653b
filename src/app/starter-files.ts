import { fallbackText, isStructure, type Option } from "../config/option.ts";
import { RUN_OPTIONS } from "../config/run-options.ts";
import { kebab } from "../domain/kebab.ts";

/** A file that `llm-batch init` writes. */
export interface StarterFile {
  name: string;
  text: string;
}

const ROWS = [
  { id: "capital", prompt: "What is the capital of Kenya? One word." },
  { id: "haiku", prompt: "Write a haiku about rate limits.", temperature: 1 },
  {
    id: "translate",
    messages: [
      { role: "system", content: "You translate into French." },
      { role: "user", content: "The queue is empty." },
    ],
  },
];

const CONFIG_HEAD = `# Settings of llm-batch for this folder: the flags of \`llm-batch run --help\` without their dashes.
# A flag goes before an environment variable (LLM_BATCH_MODEL, …), and that before what stands here.
#
# Start it with:            llm-batch run prompts.jsonl -o results.jsonl
# See what it would cost:   llm-batch plan prompts.jsonl
# Go on after a crash:      the same command again
#
# A row of prompts.jsonl has a "prompt" or "messages", an "id" if you like, and any further fields; its own "model",
# "temperature" and "max_tokens" go before the settings here. Files of OpenAI's and Anthropic's batch APIs, CSV and
# TSV are read as they are.

# The built-in simulator: no key, no cost. For real calls name openai, anthropic, groq, ollama, …, put the key into
# its variable (OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY, …), and name a model.
provider: sim
# model: gpt-4.1-mini

# Several places to send rows to, each with its own key, limits and breaker. --pool shares the work between them,
# --fallback names who gets the rows that those can't serve.
# endpoints:
#   first: { provider: openai, model: gpt-4.1-mini, api-key-env: OPENAI_API_KEY, rpm: 500 }
#   second: { provider: groq, model: llama-3.3-70b-versatile, rpm: 30 }
`;

/** Options that stand in the head of the config file. */
const IN_HEAD = ["provider", "model"];

/** An input and a config file that run as they are, and say what else could stand in them. */
export function starterFiles(): StarterFile[] {
  const rows = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");
  return [
    { name: "prompts.jsonl", text: rows },
    { name: "llm-batch.yaml", text: `${CONFIG_HEAD}${settings()}` },
  ];
}

/** Every setting, commented out, with its default and what it is for. */
function settings(): string {
  const options = Object.entries<Option<unknown>>(RUN_OPTIONS).filter(
    ([name, option]) => !IN_HEAD.includes(name) && !isStructure(option),
  );
  const groups = [...new Set(options.map(([, { group }]) => group))];
  return groups
    .map((group) => {
      const lines = options.filter(([, option]) => option.group === group).map(settingLine);
      return `\n# ${group}\n${lines.join("")}`;
    })
    .join("");
}

function settingLine([name, option]: [string, Option<unknown>]): string {
  const example = fallbackText(option) ?? placeholder(option);
  return `# ${`${kebab(name)}: ${example}`.padEnd(34)} # ${option.description}\n`;
}

/** What a flag's own usage says may stand there: `--rpm <n|auto>` gives `<n|auto>`; a switch has `true`. */
function placeholder({ flags, repeats }: Option<unknown>): string {
  if (repeats) return "{ name: value }";
  return /<.*>/.exec(flags)?.[0] ?? "true";
}
