import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where a program keeps for later what isn't the user's to look at, best first: `$XDG_STATE_HOME`, which is
 * `~/.local/state` by default, and for who has no home, or may not write there, a folder among the temporary ones.
 */
export function stateFolders(env: NodeJS.ProcessEnv): string[] {
  const { XDG_STATE_HOME: state, HOME: home } = env;
  const own = state ? state : home && join(home, ".local", "state");
  const user = process.getuid?.() ?? "user";
  return [...(own ? [join(own, "llm-batch")] : []), join(env.TMPDIR ?? tmpdir(), `llm-batch-${user}`)];
}
