/** Something a process did to a file of the traced folder, or told the world. Names are relative to the folder, `""` is itself. */
export type TraceEvent =
  | { kind: "created" | "unlinked" | "synced"; name: string }
  | { kind: "written"; name: string; at: number; data: Buffer }
  | { kind: "resized"; name: string; size: number }
  | { kind: "renamed"; name: string; to: string }
  /** What went through a pipe or a socket, as it was sent. */
  | { kind: "told"; text: string };

const HEAD_BYTES = 24;

/** Reads what `trace.c` recorded, in the order in which it happened. */
export function parseTrace(bytes: Buffer): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const letter = String.fromCharCode(bytes[at]!);
    const nameEnd = at + HEAD_BYTES + bytes.readUInt32LE(at + 4);
    const number = Number(bytes.readBigUInt64LE(at + 8));
    const end = nameEnd + Number(bytes.readBigUInt64LE(at + 16));
    const name = bytes.toString("utf8", at + HEAD_BYTES, nameEnd);
    events.push(eventOf(letter, name, number, bytes.subarray(nameEnd, end)));
    at = end;
  }
  return events;
}

function eventOf(letter: string, name: string, number: number, data: Buffer): TraceEvent {
  switch (letter) {
    case "C":
      return { kind: "created", name };
    case "U":
      return { kind: "unlinked", name };
    case "F":
      return { kind: "synced", name };
    case "W":
      return { kind: "written", name, at: number, data };
    case "S":
      return { kind: "resized", name, size: number };
    case "R":
      return { kind: "renamed", name, to: data.toString() };
    case "T":
      return { kind: "told", text: data.toString() };
    default:
      throw new Error(`the trace has a record of the unknown kind ${JSON.stringify(letter)}`);
  }
}
