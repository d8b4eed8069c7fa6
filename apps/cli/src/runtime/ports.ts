import { once } from "node:events";
import { createServer } from "node:net";
import { SettingError } from "@paperboy/core";
import type { CliConfig } from "../config.ts";

/**
 * Looks whether the service could listen, before anything is started for it.
 *
 * @throws SettingError naming the setting whose port cannot be had.
 */
export async function requirePorts(config: CliConfig): Promise<void> {
  const { env, port, inboxSmtpPort, role, workerPort } = config;
  const host = env.HOST ?? "127.0.0.1";
  if (role === "worker") {
    if (workerPort !== undefined) await requirePort("WORKER_PORT", workerPort, host);
    return;
  }
  await requirePort("PORT", port, host);
  if (env.SMTP_URL === undefined) await requirePort("INBOX_SMTP_PORT", inboxSmtpPort, "127.0.0.1");
}

async function requirePort(setting: string, port: number, host: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new SettingError(`${setting}: ${describe(error as NodeJS.ErrnoException, port, host)}`);
  }
  server.close();
  await once(server, "close");
}

function describe({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  switch (code) {
    case "EADDRINUSE":
      return `${port} is in use on ${host}; stop what listens there or choose another port`;
    case "EACCES":
      return `${port} may not be opened by this user; choose a port above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} (HOST) is not an address of this machine`;
    default:
      return message;
  }
}
