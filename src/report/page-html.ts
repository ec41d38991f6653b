import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ReportData } from "./report-data.ts";
import { scriptJson } from "./script-json.ts";

/** Where the build puts it, beside the program. */
const PAGE = new URL("./page/", import.meta.url);
const require = createRequire(import.meta.url);

/** The page as one HTML text that asks for nothing outside itself; the live page may talk to its own server. */
export function pageHtml(data: ReportData): string {
  const plotter = readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
  const style = [require.resolve("uplot/dist/uPlot.min.css"), new URL("page.css", PAGE)]
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const script = readFileSync(new URL("main.js", PAGE), "utf8");
  const policy = policyOf({ scripts: [plotter, script], style, isLive: data.isLive });
  const parts: Readonly<Record<string, string>> = {
    policy,
    title: "llm-batch",
    style,
    plotter,
    script,
    data: scriptJson(data),
  };
  const page = readFileSync(new URL("page.html", PAGE), "utf8");
  return page.replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name]!);
}

interface Allowed {
  scripts: readonly string[];
  style: string;
  isLive: boolean;
}

/** Only these very scripts run, whatever a prompt or an answer holds. */
function policyOf({ scripts, style, isLive }: Allowed): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(" ")}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    ...(isLive ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
