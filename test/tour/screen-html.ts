const ESC = "\x1b";
const SGR = new RegExp(`${ESC}\\[([\\d;]*)m`);
/** The text on a dark ground is read by everyone: each has a contrast of 4.5 at least. */
const COLORS: Readonly<Record<string, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  36: "#76e3ea",
};
const STYLE = `
  body { margin: 0 }
  main { width: max-content; padding: 14px 18px; background: #0d1117; color: #e6edf3 }
  pre { margin: 0; font: 12px/1.35 "DejaVu Sans Mono", monospace }
  pre + pre { margin-top: 12px; padding-top: 12px; border-top: 1px solid #30363d }
  b { font-weight: 700 } i { font-style: normal; color: #8b949e }`;

/** Screens of a terminal, as `tmux capture-pane -e` has them, as a page. */
export function screenHtml(screens: readonly string[]): string {
  const texts = screens.map((screen) => `<pre>${paint(screen.trimEnd())}</pre>`);
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><main>${texts.join("")}</main>`;
}

interface Pen {
  color: string | null;
  isBold: boolean;
  isDim: boolean;
}

const PLAIN: Pen = { color: null, isBold: false, isDim: false };

function paint(screen: string): string {
  let pen = PLAIN;
  // Every other part is what stood in an escape sequence.
  const parts = screen.split(SGR).map((part, at) => {
    if (at % 2 === 0) return draw(part, pen);
    for (const code of part.split(";")) pen = obey(pen, code);
    return "";
  });
  return parts.join("");
}

function obey(pen: Pen, code: string): Pen {
  if (code === "" || code === "0") return PLAIN;
  if (code === "1") return { ...pen, isBold: true };
  if (code === "2") return { ...pen, isDim: true };
  if (code === "22") return { ...pen, isBold: false, isDim: false };
  if (code === "39") return { ...pen, color: null };
  return { ...pen, color: COLORS[code] ?? pen.color };
}

function draw(text: string, { color, isBold, isDim }: Pen): string {
  if (text === "") return "";
  const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const colored = color === null ? plain : `<span style="color:${color}">${plain}</span>`;
  const dimmed = isDim ? `<i>${colored}</i>` : colored;
  return isBold ? `<b>${dimmed}</b>` : dimmed;
}
