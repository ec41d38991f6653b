import type { RowQuery } from "./row-source.ts";

/** What a reader is at, as the address of the page keeps it: what rows are narrowed down to, and the number of an open row. */
export interface Place extends RowQuery {
  row: number | null;
}

export function readPlace(): Place {
  const said = new URLSearchParams(location.hash.slice(1));
  const text = (name: string): string => said.get(name) ?? "";
  return { state: text("state"), code: text("code"), text: text("text"), row: Number(text("row")) || null };
}

/** Goes to another place, from which the way back leads here. */
export function goTo(change: Partial<Place>): void {
  // A row is shown over the page. On the way back the browser would scroll to where this was then, though more has come above it.
  if (change.row) history.scrollRestoration = "manual";
  history.pushState({ isStep: true }, "", addressOf({ ...readPlace(), ...change }));
}

/** Tells the place anew where the reader is still at it. */
export function retell(change: Partial<Place>): void {
  history.replaceState(history.state, "", addressOf({ ...readPlace(), ...change }));
}

/** Leaves a row: back, where it was opened from this page. */
export function leaveRow(): void {
  if (readPlace().row === null) return;
  if ((history.state as { isStep?: boolean } | null)?.isStep) history.back();
  else retell({ row: null });
}

/** Calls back when the reader has gone back or forth, or has changed the address. */
export function onPlace(changed: (place: Place) => void): void {
  addEventListener("popstate", () => changed(readPlace()));
  addEventListener("hashchange", () => {
    if (readPlace().row === null) history.scrollRestoration = "auto";
  });
}

function addressOf(place: Place): string {
  const said = Object.entries(place).filter(([, value]) => value !== "" && value !== null);
  return `#${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}`;
}
