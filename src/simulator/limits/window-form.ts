import { parseDuration } from "../../domain/duration.ts";
import { Bucket } from "./bucket.ts";
import { FixedWindow } from "./fixed-window.ts";
import type { QuotaWindow, WindowSpan } from "./quota-window.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** How a provider enforces its limits per minute. */
export interface WindowForm {
  kind: "bucket" | "fixed" | "sliding";
  spanMs: number;
}

/** Reads `bucket:1s`, `fixed:60s`, `sliding:10s`. */
export function parseWindowForm(text: string): WindowForm | null {
  const match = /^(bucket|fixed|sliding):(.+)$/.exec(text);
  const spanMs = match ? parseDuration(match[2]!) : null;
  return spanMs ? { kind: match![1] as WindowForm["kind"], spanMs } : null;
}

export function createWindow(kind: WindowForm["kind"], span: WindowSpan, now: number): QuotaWindow {
  switch (kind) {
    case "bucket":
      return new Bucket(span, now);
    case "fixed":
      return new FixedWindow(span, now);
    case "sliding":
      return new SlidingWindow(span);
  }
}
