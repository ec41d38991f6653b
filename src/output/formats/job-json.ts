import type { AttemptRow, JobDetail } from "../../ports/results.ts";
import { jsonLine } from "./jsonl.ts";
import { replyJson } from "./reply-json.ts";

/**
 * A job as one JSON object: the line that an export with `--include raw` has of it, then its `state` (which may be `running`), its
 * `failures`, when it is `available_at` if it is pending and waits, and the `history` of its attempts.
 */
export function jobJson(job: JobDetail, withSample: boolean): string {
  const line = jsonLine(job, { withSample, includeRaw: true });
  const { state, failures, availableAt, history } = job;
  const waitsUntil = state === "pending" && availableAt > 0 ? availableAt : null;
  return (
    `${line.slice(0, -1)},"state":"${state}","failures":${failures}` +
    `,"available_at":${moment(waitsUntil)},"history":[${history.map(attemptJson).join(",")}]}`
  );
}

function attemptJson(row: AttemptRow): string {
  return (
    `{"attempt":${row.attempt},"kind":"${row.kind}","code":${JSON.stringify(row.code || null)}` +
    `,"message":${JSON.stringify(row.message || null)},"http_status":${row.httpStatus}` +
    `,"provider":${JSON.stringify(row.provider)},"request_id":${JSON.stringify(row.requestId)}` +
    `,"sent_at":${moment(row.sentAt)},"latency_ms":${row.latencyMs},"retry_after_ms":${row.retryAfterMs}` +
    `,"raw":${replyJson(row.raw)}}`
  );
}

function moment(wallMs: number | null): string {
  return wallMs === null ? "null" : JSON.stringify(new Date(wallMs).toISOString());
}
