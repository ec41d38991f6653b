import { LONGEST_THROTTLE_MS } from "../../domain/outcome.ts";
import type { ErrorBody } from "./error-body.ts";
import { BLOCKED_ENDPOINT, BODY_RULES, STATUS_VERDICTS, type Verdict } from "./error-rules.ts";

const SHOULD_RETRY: ReadonlyMap<string | null, Verdict> = new Map([
  ["true", { kind: "transient" }],
  ["false", { kind: "rejected" }],
]);

interface ErrorSigns {
  /** The HTTP status, or the one the body names in its place. */
  status: number;
  body: ErrorBody | null;
  /** The header `x-should-retry`. */
  shouldRetry: string | null;
  retryAfterMs: number | null;
}

/** The body's code outranks `x-should-retry`, which outranks the status; then the wait is looked at. */
export function judge(signs: ErrorSigns): Verdict {
  const verdict = byBody(signs) ?? byHeader(signs) ?? byStatus(signs);
  const isLong = (signs.retryAfterMs ?? 0) > LONGEST_THROTTLE_MS;
  return verdict.kind === "throttled" && isLong ? { kind: "exhausted" } : verdict;
}

function byBody({ status, body }: ErrorSigns): Verdict | undefined {
  if (!body) return undefined;
  return BODY_RULES.find(
    (rule) =>
      (!rule.status || rule.status.includes(status)) &&
      (!rule.code || body.codes.some((code) => rule.code!.test(code))) &&
      (!rule.message || rule.message.test(body.opening)),
  );
}

/** Of "try again" and a status that says so too, the status tells the kind more exactly. */
function byHeader(signs: ErrorSigns): Verdict | undefined {
  const wish = SHOULD_RETRY.get(signs.shouldRetry);
  if (wish?.kind !== "transient") return wish;
  const verdict = byStatus(signs);
  return verdict.kind === "throttled" || verdict.kind === "overloaded" ? verdict : wish;
}

function byStatus({ status, retryAfterMs }: ErrorSigns): Verdict {
  if (status === 402 && retryAfterMs !== null) return { kind: "throttled" };
  // Redirects aren't followed, so every other row would end like this one.
  if (status >= 300 && status < 400) return BLOCKED_ENDPOINT;
  return STATUS_VERDICTS[status] ?? { kind: status < 500 && status >= 400 ? "rejected" : "transient" };
}
