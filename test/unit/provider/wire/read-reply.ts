import type { Answer } from "../../../../src/domain/outcome.ts";
import type { WireForm } from "../../../../src/provider/wire/wire-form.ts";

/** What a wire form reads from a reply; laid out over several lines, as some providers send it. */
export function readReply(form: WireForm, reply: unknown): Answer | null {
  const text = JSON.stringify(reply, null, 2);
  return form.read(JSON.parse(text), text);
}
