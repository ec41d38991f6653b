import { INSTALL } from "./shells.ts";
import type { ArgumentWords, CommandWords, FlagWords, ProgramWords, Values } from "./words.ts";

/** The script for fish. */
export function fishScript({ name, flags, commands }: ProgramWords): string {
  const withValue = flags.filter(({ values }) => values !== null).flatMap(({ names }) => names);
  return `# Completion of ${name} for fish. Install it once, then start a new shell:
#   ${INSTALL.fish}

# Prints the command on the line; fails when there is none yet.
function __llm_batch_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case ${withValue.join(" ")}
                set -e words[1]
            case '-*'
            case '*'
                echo $words[1]
                return
        end
        set -e words[1]
    end
    return 1
end

function __llm_batch_in
    set -l command (__llm_batch_command)
    and contains -- $command $argv
end

function __llm_batch_runs
    set -l words (commandline -opc)
    set -l db
    if set -l at (contains -i -- --db $words)
        set db --db $words[(math $at + 1)]
    end
    $words[1] $db complete-runs 2>/dev/null
end

complete -c ${name} -f
${flags.map((flag) => complete(name, [], flagWords(flag))).join("\n")}
${commands
  .map((command) => {
    const text = `-n 'not __llm_batch_command' -a ${command.name} -d ${quote(command.description)}`;
    return `complete -c ${name} ${text}`;
  })
  .join("\n")}
${commandLines(name, commands).join("\n")}
`;
}

/** What several commands have is said once for all of them. */
function commandLines(program: string, commands: readonly CommandWords[]): string[] {
  const commandsOf = new Map<string, string[]>();
  for (const { name, flags, args } of commands) {
    for (const words of [...flags.map(flagWords), ...args.flatMap(argumentWords)]) {
      commandsOf.set(words, [...(commandsOf.get(words) ?? []), name]);
    }
  }
  return [...commandsOf].map(([words, names]) => complete(program, names, words));
}

function complete(program: string, commands: readonly string[], words: string): string {
  const condition = commands.length > 0 ? `-n '__llm_batch_in ${commands.join(" ")}' ` : "";
  return `complete -c ${program} ${condition}${words}`;
}

function flagWords({ names, description, values }: FlagWords): string {
  const spelt = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = values === null ? [] : ["-r", valueWords(values)];
  return [...spelt, ...value, "-d", quote(description)].join(" ");
}

function argumentWords({ values }: ArgumentWords): string[] {
  return values === "anything" ? [] : [valueWords(values)];
}

function valueWords(values: Values): string {
  if (typeof values !== "string") return `-f -a '${values.join(" ")}'`;
  return { files: "-F", runs: "-f -k -a '(__llm_batch_runs)'", anything: "-f" }[values];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
