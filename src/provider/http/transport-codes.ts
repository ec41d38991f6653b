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

/** Our name for an error of Node or undici; `network` when it is none we know. */
export function transportCode(error: unknown): string {
  const code = nodeCode(error);
  return CODES.find(([pattern]) => pattern.test(code))?.[1] ?? "network";
}

/**
 * One line about an error; the parts of an AggregateError, which has no message of its own, joined. Of OpenSSL's the reason alone: the
 * message is a line of its log.
 */
export function transportMessage(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(transportMessage).join(", ");
  const { reason } = (error ?? {}) as { reason?: unknown };
  if (nodeCode(error).startsWith("ERR_SSL_") && typeof reason === "string") return reason;
  return error instanceof Error ? error.message || nodeCode(error) : String(error);
}

/** undici's parser errors may have no code, but a name. */
function nodeCode(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name ?? "");
}
