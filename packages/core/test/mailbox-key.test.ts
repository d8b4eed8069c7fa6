import { mailboxKey, parseAddress } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("the key of a mailbox", () => {
  it.each([
    ["V.i.c+papers@Gmail.com", "vic@gmail.com"],
    ["vic@googlemail.com", "vic@gmail.com"],
    ["v.ic+x+y@outlook.com", "v.ic@outlook.com"],
    ["vic+x@hotmail.com", "vic@hotmail.com"],
    ["vic+x@me.com", "vic@icloud.com"],
    ["v.i_c-+x@pm.me", "vic@proton.me"],
    ["vic@protonmail.com", "vic@proton.me"],
    ["vic+x@yahoo.com", "vic@yahoo.com"],
    ["v-ic@yandex.com", "v.ic@yandex.ru"],
    ["shop@vic.fastmail.com", "vic@fastmail.com"],
    ["v.i.c+x@example.org", "v.i.c@example.org"],
    ["v.i.c@example.org", "v.i.c@example.org"],
    ["+x@example.org", "+x@example.org"],
    ["-_.+x@proton.me", "-_.+x@proton.me"],
    ["a=b+c@example.org", "a=b@example.org"],
  ])("%s is %s", (address, key) => expect(mailboxKey(address)).toBe(key));

  const atom = fc.stringMatching(/^[a-zA-Z0-9._+=-]{1,20}$/);
  const domain = fc.constantFrom(
    ..."gmail.com googlemail.com outlook.com me.com pm.me yandex.com vic.fastmail.fm fastmail.com example.org GMX.de".split(
      " ",
    ),
  );

  it("is its own key, and an address", () => {
    fc.assert(
      fc.property(atom, domain, (local, host) => {
        const key = mailboxKey(`${local}@${host}`);
        expect(mailboxKey(key)).toBe(key);
        const parsed = parseAddress(`${local}@${host}`);
        if (parsed.ok) expect(parsed.key).toBe(key);
      }),
    );
  });

  it("takes what follows a + and the case for nothing, at any provider", () => {
    const plain = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    fc.assert(
      fc.property(plain, atom, domain, (local, detail, host) => {
        const key = mailboxKey(`${local}@${host}`);
        expect(mailboxKey(`${local.toUpperCase()}+${detail}@${host}`)).toBe(key);
      }),
    );
  });

  it("tells names apart that differ in a letter", () => {
    const plain = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        fc.pre(one !== other);
        expect(mailboxKey(`${one}@gmail.com`)).not.toBe(mailboxKey(`${other}@gmail.com`));
        expect(mailboxKey(`${one}@example.org`)).not.toBe(mailboxKey(`${one}@example.com`));
      }),
    );
  });
});
