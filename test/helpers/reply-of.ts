import { type Reply, TransportError } from "../../src/provider/http/reply.ts";

/** The reply that a call came back with; throws why there is none. */
export async function replyOf(call: Promise<Reply | TransportError>): Promise<Reply> {
  const end = await call;
  if (end instanceof TransportError) throw end;
  return end;
}
