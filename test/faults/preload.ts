import { spawnSync } from "node:child_process";

/** Why nothing can be put before the C library here, or null. It needs Linux with glibc, and a C compiler. */
export function whyNotPreloaded(): string | null {
  if (process.platform !== "linux") return `this is ${process.platform} and not Linux`;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime === undefined) return "Node runs on another C library than glibc";
  return system("cc", "--version").status === 0 ? null : "there is no C compiler, cc";
}

/** Compiles a source to a library for LD_PRELOAD. */
export function compileLibrary(source: string, library: string): void {
  // The checked forms of open and write, which some systems turn on, would be second definitions of the names.
  const flags = ["-shared", "-fPIC", "-U_FORTIFY_SOURCE", "-o", library];
  const { status, stderr } = system("cc", ...flags, source, "-ldl", "-lpthread");
  if (status !== 0) throw new Error(`${source} doesn't compile: ${stderr}`);
}

/** Through the shell: the compiler is a tool of the system and no dependency of the package. */
function system(...command: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync("sh", ["-c", '"$@"', "sh", ...command], { encoding: "utf8" });
  return { status, stderr };
}
