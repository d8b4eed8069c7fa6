import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createClients } from "../src/bounces/listener-clients.ts";

/** As much of a socket as is asked of one. */
class Connection extends EventEmitter {
  said = "";
  readonly remotePort: number;
  readonly remoteAddress: string;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  end(text: string) {
    this.said = text;
    this.emit("close");
  }

  destroy() {}
}

function room({ clients = 4, perAddress = 2, graceMs = 1_000 } = {}) {
  let time = 0;
  let port = 1_000;
  const kept = createClients({ clients, perAddress, graceMs }, () => time);
  return {
    enter(address: string): Connection {
      port += 1;
      const connection = new Connection(address, port);
      kept.enter(connection as unknown as Socket);
      return connection;
    },
    trust: ({ remoteAddress, remotePort }: Connection) => kept.trust(remoteAddress, remotePort),
    pass(ms: number) {
      time += ms;
    },
  };
}

const sentAway = (connections: readonly Connection[]) => connections.map(({ said }) => said.slice(0, 3));

describe("who may stay", () => {
  test("an address that has all it may have loses its most silent connection", () => {
    const { enter, pass } = room();
    const first = enter("192.0.2.1");
    const second = enter("192.0.2.1");
    pass(10);
    first.emit("data", Buffer.from("EHLO x"));
    const third = enter("192.0.2.1");
    expect(sentAway([first, second, third])).toEqual(["", "421", ""]);
  });

  test("an IPv4 address is the same one on a listener for both families, and a /64 is one address", () => {
    for (const [one, other] of [
      ["192.0.2.1", "::ffff:192.0.2.1"],
      ["2001:db8::1", "2001:db8::5:6:7:8"],
      ["2001:db8:0:0:1::1", "2001:DB8:0:0:9:9:9:9"],
    ] as const) {
      const { enter } = room({ perAddress: 1 });
      const first = enter(one);
      enter(other);
      expect(sentAway([first]), `${one} ${other}`).toEqual(["421"]);
    }
    const { enter } = room({ perAddress: 1 });
    const first = enter("2001:db8:0:1::1");
    enter("2001:db8:0:2::1");
    expect(sentAway([first])).toEqual([""]);
  });

  test("a full room sends the newcomer away until the most silent one's grace is over", () => {
    const { enter, pass } = room();
    const there = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(enter);
    expect(sentAway([enter("192.0.2.5")])).toEqual(["421"]);
    pass(600);
    there[0]?.emit("data", Buffer.from("EHLO x"));
    pass(600);
    expect(sentAway([enter("192.0.2.5"), ...there])).toEqual(["", "", "421", "", ""]);
  });

  test("a client that named a return path stays while its mail is read, and not for ever", () => {
    const { enter, trust, pass } = room({ clients: 1, perAddress: 1 });
    const first = enter("192.0.2.1");
    trust(first);
    pass(5_000);
    expect(sentAway([enter("192.0.2.1"), enter("192.0.2.2"), first])).toEqual(["421", "421", ""]);
    pass(5_000);
    expect(sentAway([enter("192.0.2.2"), first])).toEqual(["", "421"]);
  });

  test("who left takes no room", () => {
    const { enter } = room({ clients: 1 });
    enter("192.0.2.1").emit("close");
    expect(sentAway([enter("192.0.2.2")])).toEqual([""]);
  });
});
