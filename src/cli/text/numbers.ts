import { grouped } from "../../domain/grouped.ts";

export { compact, percent, short } from "../../domain/numbers.ts";
export { grouped };

/** How far a run has come; one whose first rows are not in yet has not begun. */
export function donePercent(done: number, total: number): string {
  return `${total === 0 ? 0 : Math.floor((done * 100) / total)}%`;
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
