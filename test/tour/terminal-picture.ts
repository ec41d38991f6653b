import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { screenHtml } from "./screen-html.ts";
import { type Pixels, smallPng } from "./small-png.ts";

const COLUMNS = 96;
const ROWS = 40;
const LOOK_EVERY_MS = 100;
const LONGEST_MS = 180_000;

/** A command in a terminal that tmux makes, on a server of its own. */
export class TourTerminal {
  readonly #socket: string;

  /** @param words the command and its arguments; `shown` is how a reader would type it */
  constructor(words: readonly string[], { folder, shown }: { folder: string; shown: string }) {
    this.#socket = join(folder, "tmux");
    const script = 'printf "%s\\n" "$1"; shift; exec "$@"';
    const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
    const command = ["sh", "-c", script, "sh", `\x1b[1m$ ${shown}\x1b[0m`, ...words];
    // What a pane showed stays there when its command has ended.
    const keep = [";", "set-option", "remain-on-exit", "on", ";", "set-option", "remain-on-exit-format", ""];
    this.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "-c", folder, ...command, ...keep);
  }

  /** The coloured screen, once it shows what is waited for. */
  async see(pattern: RegExp): Promise<string> {
    for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += LOOK_EVERY_MS) {
      if (pattern.test(this.#tmux("capture-pane", "-p"))) return this.#tmux("capture-pane", "-ep");
      await setTimeout(LOOK_EVERY_MS);
    }
    throw new Error(`not shown: ${pattern}`);
  }

  /** Waits for the command's end. */
  async end(): Promise<void> {
    while (this.#tmux("display-message", "-p", "#{pane_dead}").trim() !== "1")
      await setTimeout(LOOK_EVERY_MS);
  }

  close(): void {
    this.#tmux("kill-server");
  }

  #tmux(...args: string[]): string {
    return execFileSync("tmux", ["-u", "-S", this.#socket, ...args], { encoding: "utf8" });
  }
}

/** Pictures of screens, one under the other. */
export async function terminalPicture(
  browser: Browser,
  path: string,
  screens: readonly string[],
): Promise<void> {
  const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1_000, height: 400 } });
  await page.setContent(screenHtml(screens));
  const picture = await page.locator("main").screenshot();
  writeFileSync(path, smallPng(await pixelsOf(page, picture)));
  await page.close();
}

/** The browser reads its own picture. */
async function pixelsOf(page: Page, png: Buffer): Promise<Pixels> {
  const read = `(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${png.toString("base64")}";
    await image.decode();
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const bytes = new Blob([canvas.getImageData(0, 0, width, height).data]);
    const reader = new FileReader();
    reader.readAsDataURL(bytes);
    await new Promise((resolve) => (reader.onload = resolve));
    return { width, height, url: reader.result };
  })()`;
  const { width, height, url } = (await page.evaluate(read)) as {
    width: number;
    height: number;
    url: string;
  };
  return { width, height, rgba: Buffer.from(url.slice(url.indexOf(",") + 1), "base64") };
}
