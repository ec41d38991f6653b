import { createServer, type RequestListener } from "node:http";
import { LOOPBACK, listen } from "../../system/listen.ts";
import type { RunMetrics } from "./run-metrics.ts";

export interface MetricsServer {
  readonly url: string;
  /** Stops serving and breaks off what is under way, so that no connection keeps a run from its end. */
  close(): Promise<void>;
}

/**
 * Serves a run's metrics to Prometheus, on loopback.
 * @param port 0 takes a free one
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function serveMetrics(metrics: RunMetrics, port: number): Promise<MetricsServer> {
  const server = createServer(answering(metrics));
  const taken = await listen(server, { what: "metrics", port });
  return {
    url: `http://${LOOPBACK}:${taken}/metrics`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answering(metrics: RunMetrics): RequestListener {
  return (request, response) => {
    response.setHeader("connection", "close");
    if (request.url !== "/metrics" || request.method !== "GET") {
      response.writeHead(404).end("see /metrics\n");
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
      (error: Error) => response.writeHead(503).end(`${error.message}\n`),
    );
  };
}
