import { ExitCode } from "../../domain/errors.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import type { Shell } from "../completion/shells.ts";
import { type ProgramWords, wordsOf } from "../completion/words.ts";
import { zshScript } from "../completion/zsh.ts";
import type { Invocation } from "../context.ts";

const SCRIPTS: Readonly<Record<Shell, (words: ProgramWords) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `llm-batch completion`: prints a shell's completion script. */
export async function command({ context, args, program }: Invocation): Promise<ExitCode> {
  context.stdout.write(SCRIPTS[args[0] as Shell](wordsOf(program)));
  return ExitCode.ok;
}
