/** Reply headers, names in lower case, as undici gives them. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What came back over HTTP, whatever its status. */
export interface Reply {
  status: number;
  headers: ReplyHeaders;
  /** The body as text; only its beginning where `cutOff` is set. */
  body: string;
  /** Whether the body was longer than is read, and the rest dropped. */
  cutOff: boolean;
}

/** A call that ended without a whole reply. */
export class TransportError extends Error {
  /** `connect`: nothing of the request was sent. `sent`: it may have been answered, and billed. */
  readonly phase: "connect" | "sent";
  /** Ours, stable: see transport-codes.ts, and `timeout` and `aborted`. */
  readonly code: string;

  constructor(phase: "connect" | "sent", code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "TransportError";
    this.phase = phase;
    this.code = code;
  }
}

/** The first value of a header, or null. */
export function header(headers: ReplyHeaders, name: string): string | null {
  const value = headers[name];
  if (value === undefined) return null;
  return typeof value === "string" ? value : (value[0] ?? null);
}
