/** Money is whole nano-USD (1e-9 USD) inside, exact up to 9 million USD; USD as a decimal is for people and files. */
export const NANO_USD_PER_USD = 1_000_000_000;

export function toUsd(nanoUsd: number): number {
  return nanoUsd / NANO_USD_PER_USD;
}

/** An amount of USD as a decimal, as text. */
export function dollars(usd: number): string {
  return usdText(Math.round(usd * NANO_USD_PER_USD));
}

/** `$0`, `$0.0012`, `$0.45`, `$12.35`: two digits that count, and cents from one dollar on. */
export function usdText(nanoUsd: number): string {
  const usd = toUsd(nanoUsd);
  if (usd === 0) return "$0";
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  const decimals = 1 - Math.floor(Math.log10(usd));
  return `$${usd.toFixed(Math.max(2, decimals))}`;
}
