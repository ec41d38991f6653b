/** The colours of the style sheet, which follow light, dark and print. */
export interface Palette {
  ink: string;
  muted: string;
  line: string;
  accent: string;
  second: string;
  third: string;
  good: string;
  bad: string;
  warn: string;
  surface: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color("ink"),
    muted: color("muted"),
    line: color("line"),
    accent: color("accent"),
    second: color("second"),
    third: color("third"),
    good: color("good"),
    bad: color("bad"),
    warn: color("warn"),
    surface: color("surface"),
  };
}

/** Calls back whenever the colours have changed: the system turned dark or light, or the page goes to paper and back. */
export function onPaletteChange(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  const paper = (isPaper: boolean) => (): void => {
    document.documentElement.classList.toggle("paper", isPaper);
    changed();
  };
  addEventListener("beforeprint", paper(true));
  addEventListener("afterprint", paper(false));
}

/** A colour of the palette, `#rrggbb`, seen through. @param opacity 0 to 1 */
export function translucent(color: string, opacity: number): string {
  const alpha = Math.round(opacity * 255);
  return `${color}${alpha.toString(16).padStart(2, "0")}`;
}
