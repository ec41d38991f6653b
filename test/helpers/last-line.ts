/** The last line of what a command printed, as JSON: with `--json` that of a run is its status. */
// biome-ignore lint/suspicious/noExplicitAny: of many shapes, looked into by the tests
export function lastLine(stdout: string): any {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
}
