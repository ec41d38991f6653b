import { INSTALL } from "./shells.ts";
import type { CommandWords, FlagWords, ProgramWords, Values } from "./words.ts";

/** The script for bash. It works from 3.2 on, which macOS has; bash 4 also knows not to offer files for a number. */
export function bashScript(words: ProgramWords): string {
  const { name, flags, commands } = words;
  return `# Completion of ${name} for bash. Install it once, then start a new shell:
#   ${INSTALL.bash}

# Sets \`kind\` to what completes the value of the flag $2 of the command $1; fails for a flag without a value.
_llm_batch_value() {
  case $1:$2 in
${flagCases("*", flags)}
${commands.map((command) => flagCases(command.name, command.flags)).join("\n")}
    *) return 1 ;;
  esac
}

# Sets \`kind\` to what completes the argument number $2 of the command $1.
_llm_batch_argument() {
  case $1:$2 in
${commands.flatMap(argumentCases).join("\n")}
    *) kind=@anything ;;
  esac
}

# Sets \`kind\` to the flags of the command $1.
_llm_batch_flags() {
  kind='${namesOf(flags)}'
  case $1 in
${commands.map((command) => `    ${command.name}) kind+=' ${namesOf(command.flags)}' ;;`).join("\n")}
  esac
}

_llm_batch() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' db='' kind='' word at arguments=1
  # --flag=value comes as three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == -* ]]; then
      _llm_batch_value "$command" "$word" || continue
      [[ \${COMP_WORDS[at + 1]} == = ]] && ((at++))
      ((at++))
      [[ $word == --db ]] && db=\${COMP_WORDS[at]//[\\"\\'\\\\]/}
    elif [[ -z $command ]]; then
      command=$word
    else
      ((arguments++))
    fi
  done
  if [[ $previous == -* ]] && _llm_batch_value "$command" "$previous"; then
    :
  elif [[ $current == -* ]]; then
    _llm_batch_flags "$command"
  elif [[ -z $command ]]; then
    kind='${commands.map((command) => command.name).join(" ")}'
  else
    _llm_batch_argument "$command" "$arguments"
  fi
  COMPREPLY=()
  [[ $kind == @files ]] && return
  compopt +o default 2>/dev/null
  [[ $kind == @anything ]] && return
  if [[ $kind == @runs ]]; then
    kind=$("\${COMP_WORDS[0]}" \${db:+--db "$db"} complete-runs 2>/dev/null | cut -f1)
  fi
  COMPREPLY=($(compgen -W "$kind" -- "$current"))
}

complete -o default -F _llm_batch ${name}
`;
}

function flagCases(command: string, flags: readonly FlagWords[]): string {
  return flags
    .filter(({ values }) => values !== null)
    .map(({ names, values }) => {
      const patterns = names.map((flag) => `${command}:${flag}`).join(" | ");
      return `    ${patterns}) kind=${kindOf(values!)} ;;`;
    })
    .join("\n");
}

function argumentCases({ name, args }: CommandWords): string[] {
  return args.map(({ values, repeats }, index) => {
    const place = repeats ? "*" : index + 1;
    return `    ${name}:${place}) kind=${kindOf(values)} ;;`;
  });
}

function kindOf(values: Values): string {
  return typeof values === "string" ? `@${values}` : `'${values.join(" ")}'`;
}

function namesOf(flags: readonly FlagWords[]): string {
  return flags.flatMap(({ names }) => names).join(" ");
}
