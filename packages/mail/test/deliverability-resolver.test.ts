import { type NameServer, openResolver } from "@paperboy/mail";
import { describe, expect, it } from "vitest";
import { missing, type Records, zone } from "./zone.ts";

/** A server that knows these records; `root` is what it says of the root of DNS. */
function server(records: Records, root: () => Promise<string[]>) {
  const known = zone(records);
  const questions: string[] = [];
  const asked: NameServer = {
    ...known,
    resolveTxt: (name) => {
      questions.push(name);
      return known.resolveTxt(name);
    },
    resolveNs: root,
    cancel: () => questions.push("cancel"),
  };
  return { asked, questions };
}

const never = () => new Promise<never>(() => {});
const txt = { "example.org": ["v=spf1 -all"] };

describe("the name server of this machine", () => {
  it("is asked each question once", async () => {
    const { asked, questions } = server({ txt }, async () => ["a.root-servers.net"]);
    const resolver = openResolver(60_000, asked);
    expect(await resolver.resolveTxt("example.org")).toEqual([["v=spf1 -all"]]);
    expect(await resolver.resolveTxt("example.org")).toEqual([["v=spf1 -all"]]);
    resolver.close();
    expect(questions).toEqual(["example.org", "cancel"]);
  });
  it("is believed when it denies a name and knows the root", async () => {
    const { asked } = server({ txt }, async () => ["a.root-servers.net"]);
    const resolver = openResolver(60_000, asked);
    await expect(resolver.resolveTxt("nowhere.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
    resolver.close();
  });
  it("is believed when it only refuses to speak of the root", async () => {
    const { asked } = server({ txt }, () => missing("EREFUSED"));
    const resolver = openResolver(60_000, asked);
    await expect(resolver.resolve4("nowhere.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
    resolver.close();
  });
  it("is not believed when it denies the root: what it knows counts, what it denies does not", async () => {
    const { asked } = server({ txt }, () => missing("ENOTFOUND"));
    const resolver = openResolver(60_000, asked);
    expect(await resolver.resolveTxt("example.org")).toEqual([["v=spf1 -all"]]);
    await expect(resolver.resolveMx("example.org")).rejects.toMatchObject({ code: "ENOROOT" });
    resolver.close();
  });
  it("has one span of time for everything", async () => {
    const { asked } = server({ txt }, never);
    const resolver = openResolver(20, { ...asked, resolve4: never, reverse: never });
    const questions = [
      resolver.resolve4("a.test"),
      resolver.resolve4("b.test"),
      resolver.reverse("192.0.2.1"),
      resolver.resolveTxt("denied.test"),
    ];
    for (const question of await Promise.allSettled(questions))
      expect(question).toMatchObject({ status: "rejected", reason: { code: "ETIMEOUT" } });
    resolver.close();
  });
});
