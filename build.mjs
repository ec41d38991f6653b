// dist: the program in pieces, of which a command loads those it uses, and the report's page as one script.
//   node build.mjs [--watch]
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, context } from "esbuild";

const START = join(import.meta.dirname, "src/cli/program/program.ts");

/**
 * What every start loads is one piece: whatever is loaded later names it as well. Else each part of it that only some of
 * those share would be a file of its own, 17 of them for `--help`.
 */
const oneStart = {
  name: "one-start",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ kind, resolveDir, path }) =>
      kind === "dynamic-import" ? { path: join(resolveDir, path), pluginData: "later" } : null,
    );
    onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) =>
      pluginData === "later"
        ? { contents: `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(START)};`, loader: "ts" }
        : null,
    );
  },
};

const SHARED = { bundle: true, logLevel: "warning", absWorkingDir: import.meta.dirname };

const BUILT_FOR_NODE = {
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  charset: "utf8",
  sourcemap: true,
  sourcesContent: false,
};

/** One file a module made every start resolve and read 200 of them: 140 ms of CPU. */
const program = {
  ...SHARED,
  ...BUILT_FOR_NODE,
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  splitting: true,
  plugins: [oneStart],
};

/** A thread's program is one piece of its own: what is loaded later here is nothing of what a command loads. */
const thread = {
  ...SHARED,
  ...BUILT_FOR_NODE,
  entryPoints: ["src/input/reading-program.ts"],
  outdir: "dist",
};

const page = {
  ...SHARED,
  entryPoints: ["src/report/page/main.ts", "src/report/page/page.html", "src/report/page/page.css"],
  outdir: "dist/page",
  format: "iife",
  target: "es2023",
  minify: true,
  loader: { ".html": "copy", ".css": "copy" },
};

rmSync("dist", { recursive: true, force: true });
if (process.argv.includes("--watch")) {
  for (const part of [program, thread, page]) await (await context({ ...part, logLevel: "info" })).watch();
} else {
  await Promise.all([build(program), build(thread), build(page)]);
}
