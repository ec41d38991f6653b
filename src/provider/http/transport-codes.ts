/** Codes of Node and undici, by pattern, and what we call them. The first match wins. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [
    /CERT|^UNABLE_TO_(GET|VERIFY)|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/,
    "certificate",
  ],
  [/^ECONNREFUSED$/, "connection_refused"],
  [/^(ENOTFOUND|EAI_)/, "dns"],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, "connect_timeout"],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, "network_unreachable"],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, "tls"],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/, "connection_reset"],
  [/^(EMFILE|ENFILE)$/, "too_many_files"],
  [/^UND_ERR_HEADERS_OVERFLOW$/, "headers_too_large"],
  [/^(HPE_|HTTPParserError$|UND_ERR_RES_|UND_ERR_RESPONSE)/, "bad_http"],
];

/** What OpenSSL takes plain text for. */
const NO_TLS = /^(wrong version number|packet length too long|record layer failure|http request)$/;

/** Our name for an error of Node or undici; `network` when it is none we know. */
export function transportCode(error: unknown): string {
  const code = nodeCode(error);
  return CODES.find(([pattern]) => pattern.test(code))?.[1] ?? "network";
}

type Place = { address?: string; port?: number; hostname?: string };

/** In plain words, with the place. The system's own code stands behind them, for who looks it up. */
const WORDS: Readonly<Record<string, (place: Place) => string>> = {
  ECONNREFUSED: ({ address = "", port }) =>
    `nothing listens at ${address.includes(":") ? `[${address}]` : address}:${port}`,
  ENOTFOUND: ({ hostname }) => `there is no host ${hostname}`,
  EAI_AGAIN: ({ hostname }) => `the name ${hostname} can't be looked up now`,
  EHOSTUNREACH: ({ address }) => `there is no way to ${address}`,
  ENETUNREACH: ({ address }) => `there is no network to ${address}`,
};

/** V8 reserves 8 GB for undici's parser, and touches next to nothing of it: a batch system may not even allow that. */
const NO_ADDRESS_SPACE =
  "this process may not reserve enough memory (ulimit -v); export NODE_OPTIONS=--disable-wasm-trap-handler";

/**
 * One line about an error; the parts of an AggregateError, which has no message of its own, joined. Of OpenSSL's the reason alone: the
 * message is a line of its log.
 */
export function transportMessage(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(transportMessage).join(", ");
  const code = nodeCode(error);
  const { reason, message } = (error ?? {}) as { reason?: unknown; message?: unknown };
  if (code.startsWith("ERR_SSL_") && typeof reason === "string")
    return NO_TLS.test(reason)
      ? `the server speaks no TLS, is it an address with http://? (${reason})`
      : reason;
  if (code === "RangeError" && String(message).startsWith("WebAssembly")) return NO_ADDRESS_SPACE;
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words) return `${words(error as Place)} (${code})`;
  return error instanceof Error ? error.message || code : String(error);
}

/** undici's parser errors may have no code, but a name. */
function nodeCode(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name ?? "");
}
