import { withoutReply } from "../../domain/outcome.ts";
import type { PreparedCall, Provider } from "../../ports/provider.ts";
import { RowError } from "../../request/row-error.ts";

/**
 * A provider to which a row that can't be sent is one that was refused: of runs that an earlier version has imported, and let in
 * what the checks of this one don't.
 */
export function withRefusals(provider: Provider): Provider {
  const { name, endpoint, model } = provider;
  return {
    name,
    endpoint,
    model,
    prepare(job) {
      try {
        return provider.prepare(job);
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        return unsendable(error);
      }
    },
    close: () => provider.close(),
  };
}

function unsendable({ code, message }: RowError): PreparedCall {
  const outcome = withoutReply("rejected", code, message);
  return { charge: { inputTokens: 0, outputTokens: 0 }, send: async () => outcome, release() {} };
}
