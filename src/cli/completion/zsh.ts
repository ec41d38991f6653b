import { INSTALL } from "./shells.ts";
import type { ArgumentWords, CommandWords, FlagWords, ProgramWords, Values } from "./words.ts";

/** The script for zsh, for its `_arguments`; it may also lie in a folder of `$fpath` as `_llm-batch`. */
export function zshScript({ name, flags, commands }: ProgramWords): string {
  return `#compdef ${name}
# Completion of ${name} for zsh. Install it once, then start a new shell:
#   ${INSTALL.zsh}

_llm_batch_runs() {
  local -i at=\${whole[(i)--db]}
  local db=\${(Q)whole[at + 1]}
  local -a runs
  runs=(\${(f)"$("\${(Q)whole[1]}" \${db:+--db} \${db:+$db} complete-runs 2>/dev/null)"})
  runs=("\${(@)runs//$'\\t'/:}")
  _describe run runs
}

_llm_batch() {
  local -a whole=("\${words[@]}")
  local context state state_descr line
  local -A opt_args
  local -a flags=(
${flags.map(flagSpec).join("\n")}
  )
  local -a commands=(
${commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`).join("\n")}
  )
  _arguments -C -S $flags '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _llm_batch ]]; then
  _llm_batch "$@"
else
  compdef _llm_batch ${name}
fi
`;
}

function commandCase({ name, flags, args }: CommandWords): string {
  const specs = [...flags.map(flagSpec), ...args.map(argumentSpec)].map((spec) => `      ${spec}`);
  return [`        ${name})`, "          local -a own=(", ...specs, "          )"]
    .concat("          _arguments -S $flags $own", "          ;;")
    .join("\n");
}

/** `'(-o --output)'{-o,--output=}'[description]:value:action'`; with `*` in front it may come again. */
function flagSpec({ names, description, values, repeats }: FlagWords): string {
  const typed = names.map((name) => (values !== null && name.startsWith("--") ? `${name}=` : name));
  const spelt = typed.length > 1 ? `{${typed.join(",")}}` : typed[0]!;
  const apart = repeats ? "'*'" : names.length > 1 ? `'(${names.join(" ")})'` : "";
  const text = description.replace(/[[\]\\]/g, "\\$&");
  const value = values === null ? "" : `:value:${action(values)}`;
  return `    ${apart}${spelt}${quote(`[${text}]${value}`)}`;
}

function argumentSpec({ name, values, repeats }: ArgumentWords): string {
  return `    ${quote(`${repeats ? "*" : ""}:${name}:${action(values)}`)}`;
}

function action(values: Values): string {
  if (typeof values !== "string") return `(${values.join(" ")})`;
  return { files: "_files", runs: "_llm_batch_runs", anything: " " }[values];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
