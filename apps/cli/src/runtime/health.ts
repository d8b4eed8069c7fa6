import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type OwnMetrics, sameSecret } from "@paperboy/api";
import { SettingError } from "@paperboy/core";

export interface WorkerHealth {
  /** Rejects, saying why, while the worker cannot work. */
  ready(): Promise<void>;
  readonly metrics: Pick<OwnMetrics, "text" | "contentType">;
  /** One of them, as a bearer, opens `/metrics`. */
  readonly tokens: readonly string[];
}

/**
 * Tells whoever watches a worker without an API how it does: `/healthz` answers 200 while the process lives, `/readyz` 200 or
 * 503 with the reason, `/metrics` in Prometheus' format, as the API's do.
 *
 * @throws SettingError when the port cannot be had.
 */
export async function answerHealth(
  { port, host }: { readonly port: number; readonly host: string },
  health: WorkerHealth,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void route(request, response, health).catch((error: Error) =>
      answer(response, 503, { status: "not ready", detail: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new SettingError(`WORKER_PORT: ${error.message}`)));
    server.listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(request: IncomingMessage, response: ServerResponse, health: WorkerHealth) {
  if (request.url === "/healthz") return answer(response, 200, { status: "ok" });
  if (request.url === "/metrics") return expose(request, response, health);
  if (request.url !== "/readyz") return answer(response, 404, { status: "not found" });
  await health.ready();
  answer(response, 200, { status: "ready" });
}

async function expose(request: IncomingMessage, response: ServerResponse, health: WorkerHealth) {
  const [, given] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (given === undefined || !health.tokens.some((token) => sameSecret(given, token))) {
    response.setHeader("www-authenticate", "Bearer");
    return answer(response, 401, { detail: "Send METRICS_TOKEN or ADMIN_TOKEN as a bearer." });
  }
  const text = await health.metrics.text();
  response.writeHead(200, { "content-type": health.metrics.contentType }).end(text);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
