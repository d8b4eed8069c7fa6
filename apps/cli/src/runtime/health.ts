import { createServer, type ServerResponse } from "node:http";
import { SettingError } from "@paperboy/core";

/**
 * Tells whoever watches a worker without an API how it does: `/healthz` answers 200 while the process lives, `/readyz` 200 or
 * 503 with the reason, as the API's do.
 *
 * @param ready rejects, saying why, while the worker cannot work.
 * @throws SettingError when the port cannot be had.
 */
export async function answerHealth(
  { port, host }: { readonly port: number; readonly host: string },
  ready: () => Promise<void>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") return answer(response, 200, { status: "ok" });
    if (request.url !== "/readyz") return answer(response, 404, { status: "not found" });
    ready().then(
      () => answer(response, 200, { status: "ready" }),
      (error: Error) => answer(response, 503, { status: "not ready", detail: error.message }),
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

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
