import { Agent, request } from "undici";
import type { NewLine } from "./batch-lines.ts";

const CALLS_AT_ONCE = 16;

interface Reply {
  custom_id: string;
  status: number;
  requestId: string | null;
  body: unknown;
}

/** How a provider writes a reply down in its own results. */
export type WriteReply = (reply: Reply, index: number) => string;

/** https://platform.openai.com/docs/guides/batch, "Retrieve the results". */
export const openAiResult: WriteReply = ({ custom_id, status, requestId, body }, index) =>
  JSON.stringify({
    id: `batch_req_${index}`,
    custom_id,
    response: { status_code: status, request_id: requestId, body },
    error: null,
  });

/** https://platform.claude.com/docs/en/build-with-claude/batch-processing, "Retrieve batch results". */
export const anthropicResult: WriteReply = ({ custom_id, status, body }) => {
  const result = status === 200 ? { type: "succeeded", message: body } : { type: "errored", error: body };
  return JSON.stringify({ custom_id, result });
};

/**
 * The results as the provider would have made them: each line sent by hand, and written down as its documentation says.
 * In no order, as a provider's are.
 */
export async function ownFile(
  origin: string,
  count: number,
  line: NewLine,
  write: WriteReply,
): Promise<string[]> {
  const results: string[] = [];
  const dispatcher = new Agent({ connections: CALLS_AT_ONCE });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const { custom_id, url, body } = line(index);
      const reply = await request(origin + url, {
        method: "POST",
        headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
        body: JSON.stringify(body),
        dispatcher,
      });
      const requestId = String(reply.headers["x-request-id"] ?? "") || null;
      const answer = { custom_id, status: reply.statusCode, requestId, body: await reply.body.json() };
      results.push(write(answer, index));
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
  await dispatcher.close();
  return results;
}
