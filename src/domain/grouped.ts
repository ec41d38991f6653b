/** A whole number as 1,234,567. `toLocaleString` loads the locales of the world first: 15 ms of CPU. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}
