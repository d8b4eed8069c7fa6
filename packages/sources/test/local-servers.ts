import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, createServer as createSocketServer, Socket } from "node:net";
import { createFetcher, type FetcherOptions, type FetchRequest } from "@paperboy/sources";
import { expect } from "vitest";

export const closers: (() => unknown)[] = [];

export async function listen(
  server: Server | ReturnType<typeof createSocketServer>,
  host = "127.0.0.1",
  port = 0,
) {
  await new Promise<void>((done) => server.listen(port, host, done));
  return (server.address() as AddressInfo).port;
}

export async function serve(handler: RequestListener, host = "127.0.0.1", port = 0): Promise<string> {
  const server = createServer(handler);
  const bound = await listen(server, host, port);
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://${host}:${bound}`;
}

export function fetcher(options: Partial<FetcherOptions> = {}) {
  const made = createFetcher({
    userAgent: "Paperboy/1 (+mailto:ops@example.org)",
    allowPrivate: true,
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

export const fetchOne = (request: FetchRequest | string, options: Partial<FetcherOptions> = {}) =>
  fetcher(options).fetch(typeof request === "string" ? { url: request } : request);

export const at = (...addresses: string[]) =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

export const withName = (base: string, name: string) => base.replace("127.0.0.1", name);

/** Not `once`, to which a reset is an error. */
export const closing = (socket: Socket) => new Promise((done) => socket.once("close", done));

export const reason = (text: string) => expect.stringContaining(text);
