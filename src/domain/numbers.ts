import { grouped } from "./grouped.ts";

/** 950, 12.3k, 4.5M, 2.1G. */
export function compact(value: number): string {
  if (value < 999.5) return String(Math.round(value));
  if (value < 999_500) return `${threeDigits(value / 1_000)}k`;
  if (value < 999_500_000) return `${threeDigits(value / 1_000_000)}M`;
  return `${threeDigits(value / 1_000_000_000)}G`;
}

/** A whole number as long as it is short, else compact: 9,876 and 12.3k. */
export function short(value: number): string {
  return value < 9_999.5 ? grouped(value) : compact(value);
}

/** 0%, 0.4%, 12%, and no 0 or 100 for what only comes near it. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value > 0 && value < 9.95) return `${Math.max(0.1, value).toFixed(1)}%`;
  if (value > 99.5 && value < 100) return "99%";
  return `${Math.round(value)}%`;
}

const threeDigits = (value: number): string =>
  value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
