import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiDeps, createApi } from "./app.ts";
import type { ApiConfig } from "./config.ts";

/** A listening API. */
export interface RunningApi {
  readonly port: number;
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no further connection and resolves when the requests under way are answered. Idempotent. */
  close(): Promise<void>;
}

/** The API cannot listen; the message names the setting. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Requests still running after this long are cut off. */
const DRAIN_MS = 10_000;

/**
 * Builds the API and listens.
 *
 * @throws ListenError when the address cannot be had, naming `PORT` or `HOST`.
 */
export async function startApi(deps: ApiDeps): Promise<RunningApi> {
  const server = createServer(createApi(deps));
  await listen(server, deps.config);
  const { port } = server.address() as AddressInfo;
  const { host } = deps.config;
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close: () => {
      closing ??= drain(server);
      return closing;
    },
  };
}

function listen(server: Server, { host, port }: ApiConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new ListenError(
        `PORT ${port} is in use on ${host}; stop what listens there or set another PORT`,
      );
    case "EACCES":
      return new ListenError(`PORT ${port} may not be opened by this user; set a PORT above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ListenError(`HOST ${host} is not an address of this machine`);
    default:
      return error;
  }
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close((error) => {
      clearTimeout(cut);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
