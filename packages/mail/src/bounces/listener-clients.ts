import { isIPv6, type Socket } from "node:net";

/** How many may be there. */
export interface ClientLimits {
  /** All together. */
  readonly clients: number;
  /** From one address, or one /64 of IPv6. */
  readonly perAddress: number;
  /** How long a silent client is left alone while there is no room, in milliseconds. */
  readonly graceMs: number;
}

/** Who is connected, and who has to leave when there is no room. */
export interface Clients {
  /** Counts a new connection; ends it, or the most silent one, when there is no room for both. */
  enter(socket: Socket): void;
  /** A client that named a return path of ours is left alone for longer. */
  trust(remoteAddress: string, remotePort: number): void;
}

interface Client {
  readonly socket: Socket;
  readonly network: string;
  heardAt: number;
  trusted: boolean;
}

/** How long a client that is sent away may take to read why, in milliseconds. */
const FAREWELL_MS = 1_000;
/** How long a client that named a return path of ours may be silent while others wait: a mail may take that long to read. */
const TRUSTED_MS = 10_000;

/**
 * Keeps silent clients from filling the listener. An address that has all the connections it may have loses its most
 * silent one to a newcomer of its own. When everything is taken, the most silent client of all has to go, once its grace is
 * over. When nobody can be sent away, the newcomer is.
 *
 * @param now a clock that never runs backwards, in milliseconds.
 */
export function createClients(limits: ClientLimits, now: () => number = () => performance.now()): Clients {
  const clients = new Map<string, Client>();

  const mostSilent = (among: readonly Client[], graceMs: number): Client | undefined =>
    among
      .filter(({ heardAt, trusted }) => now() - heardAt >= (trusted ? TRUSTED_MS : graceMs))
      .sort((a, b) => a.heardAt - b.heardAt)[0];

  const victimFor = (newcomer: Client): Client | null => {
    const all = [...clients.values()];
    const neighbours = all.filter(({ network }) => network === newcomer.network);
    if (neighbours.length >= limits.perAddress) return mostSilent(neighbours, 0) ?? newcomer;
    if (all.length < limits.clients) return null;
    return mostSilent(all, limits.graceMs) ?? newcomer;
  };

  return {
    enter(socket) {
      const key = keyOf(socket.remoteAddress ?? "", socket.remotePort ?? 0);
      const client = {
        socket,
        network: networkOf(socket.remoteAddress ?? ""),
        heardAt: now(),
        trusted: false,
      };
      const victim = victimFor(client);
      if (victim !== null) sendAway(victim.socket);
      if (victim === client) return;
      for (const [other, { socket: leaving }] of clients) {
        if (leaving === victim?.socket) clients.delete(other);
      }
      clients.set(key, client);
      socket.on("data", () => {
        client.heardAt = now();
      });
      socket.once("close", () => {
        if (clients.get(key) === client) clients.delete(key);
      });
    },
    trust(remoteAddress, remotePort) {
      const client = clients.get(keyOf(remoteAddress, remotePort));
      if (client) client.trusted = true;
    },
  };
}

function sendAway(socket: Socket): void {
  socket.end("421 4.7.0 too many connections, please try again later\r\n");
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once("close", () => clearTimeout(timer));
}

const keyOf = (address: string, port: number): string => `${plainAddress(address)} ${port}`;

/** An IPv4 client of a listener for both families has an IPv6 address of its own kind. */
const plainAddress = (address: string): string => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");

/** Whom an address belongs to: itself, or in IPv6 the /64 that one customer has (RFC 6177). */
function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(Math.max(zeros, 0)).fill("0"), ...after].slice(0, 4).join(":");
}
