import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SigningKey } from "@paperboy/core";
import { openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database.ts";
import { GATE_ORDER } from "../../../test/harness/readers.ts";

const NOW = new Date("2026-11-24T09:00:00Z");
const OLD: SigningKey = { id: "old", secret: "old-secret-0123456789" };
const NEW: SigningKey = { id: "new", secret: "new-secret-0123456789" };

let database: TestDatabase;
let sql: pg.Pool;
const opened: Store[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Pool({ connectionString: database.url });
});
beforeEach(() => sql.query("TRUNCATE subscribers, suppressions, markers CASCADE"));
afterAll(async () => {
  for (const store of opened) await store.close();
  await sql.end();
  await database.close();
});

function storeWith(...keys: SigningKey[]): Store {
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url, keys, poolSize: 2 });
  opened.push(store);
  return store;
}

const unkeyed = (text: string) => createHash("sha256").update(`paperboy:suppression:${text}`).digest("hex");
const hashes = async () =>
  (await sql.query("SELECT address_hash AS hash FROM suppressions ORDER BY 1")).rows.map(({ hash }) => hash);
const keepUnkeyed = (text: string) =>
  sql.query("INSERT INTO suppressions (address_hash, reason) VALUES ($1, 'complaint')", [unkeyed(text)]);
const isSuppressed = async (store: Store, address: string) =>
  (await store.suppressions.among([address])).has(address);

describe("a suppressed address", () => {
  it("is suppressed in every spelling of its mailbox, and no other is", async () => {
    const store = storeWith(NEW);
    await store.suppressions.add("complainer@gmail.com", "complaint", null);
    for (const same of ["com.plainer@gmail.com", "Complainer+news@googlemail.com"])
      expect([same, await isSuppressed(store, same)]).toEqual([same, true]);
    for (const other of ["complainer2@gmail.com", "complainer@example.org"])
      expect([other, await isSuppressed(store, other)]).toEqual([other, false]);
    await store.suppressions.add("c.omplainer@gmail.com", "operator", null);
    expect(await store.suppressions.list(9)).toMatchObject([{ reason: "complaint" }]);
    expect(await store.suppressions.remove("co.mplainer@googlemail.com")).toBe(true);
    expect(await isSuppressed(store, "complainer@gmail.com")).toBe(false);
  });

  it("is found in all its spellings when they are asked about together", async () => {
    const store = storeWith(NEW);
    await store.suppressions.add("complainer@gmail.com", "complaint", null);
    const spellings = ["complainer@gmail.com", "com.plainer@gmail.com", "complainer@googlemail.com"];
    expect(await store.suppressions.among([...spellings, "eve@gmail.com"])).toEqual(new Set(spellings));
  });

  it("cannot be found by who knows the address and has no key", async () => {
    const store = storeWith(NEW);
    await store.suppressions.add("ada@example.org", "bounce", null);
    expect(await hashes()).toEqual([expect.stringMatching(/^new\.[\w-]{43}$/)]);
    expect(await isSuppressed(storeWith(OLD), "ada@example.org")).toBe(false);
  });

  it("of before stays suppressed without a key, and gets one when it is seen", async () => {
    const store = storeWith(NEW);
    await keepUnkeyed("a.da+x@example.org");
    expect(await isSuppressed(store, "A.da+X@example.org")).toBe(true);
    expect(await hashes()).toEqual([expect.stringMatching(/^new\./)]);
    expect(await isSuppressed(store, "a.da@example.org")).toBe(true);
    expect(await store.suppressions.list(1)).toMatchObject([{ reason: "complaint" }]);
  });

  it("follows the keys: an old one is tried, and replaced; one that is gone is told of", async () => {
    await storeWith(OLD).suppressions.add("ada@example.org", "bounce", null);
    await storeWith(OLD).suppressions.add("eve@example.org", "bounce", null);
    const both = storeWith(NEW, OLD);
    await both.suppressions.add("ada@example.org", "complaint", null);
    expect((await both.suppressions.list(9)).map(({ reason }) => reason)).toEqual(["bounce", "bounce"]);
    expect([await isSuppressed(both, "ada@example.org"), await both.suppressions.unreadable()]).toEqual([
      true,
      0,
    ]);
    const alone = storeWith(NEW);
    expect(await isSuppressed(alone, "ada@example.org")).toBe(true);
    expect([await isSuppressed(alone, "eve@example.org"), await alone.suppressions.unreadable()]).toEqual([
      false,
      1,
    ]);
  });

  it("is not in the detail that is kept, however a relay writes it", async () => {
    const store = storeWith(NEW);
    const letters = fc.stringMatching(/^[a-z]{3,12}$/);
    const told = fc.constantFrom(
      (local: string, domain: string) => `550 5.1.1 <${local}@${domain}> unknown`,
      (local: string, domain: string) => `550 ${local.toUpperCase()}@${domain.toUpperCase()}: no such user`,
      (local: string) => `user ${local} is over quota`,
      (local: string, domain: string) =>
        `mailbox(${local}@${domain}), forwarded to other.${local}@elsewhere.example`,
    );
    await fc.assert(
      fc.asyncProperty(letters, letters, told, async (one, other, say) => {
        const [local, domain] = [`q${one}.${other}`, "reader.example"];
        await sql.query("TRUNCATE suppressions");
        await store.suppressions.add(`${local}@${domain}`, "bounce", say(local, domain));
        const [{ detail }] = (await sql.query("SELECT detail FROM suppressions")).rows as [
          { detail: string },
        ];
        expect(detail.toLowerCase()).not.toContain(local);
        expect(detail.length).toBeGreaterThan(5);
      }),
      { numRuns: 30 },
    );
  });
});

describe("stored addresses", () => {
  const keep = async (email: string, status = "active", createdAt = NOW) => {
    const { rows } = await sql.query(
      "INSERT INTO subscribers (email, address_key, created_at) VALUES ($1, $2, $3) RETURNING id",
      [email, email.toLowerCase(), createdAt],
    );
    await sql.query("INSERT INTO subscriptions (subscriber_id, status) VALUES ($1, $2)", [
      rows[0].id,
      status,
    ]);
  };
  const keys = async () =>
    Object.fromEntries(
      (await sql.query("SELECT email, address_key AS key FROM subscribers")).rows.map(({ email, key }) => [
        email,
        key,
      ]),
    );

  it("get the key of their mailbox once; readers who share one all stay, and each is found by its spelling", async () => {
    await keep("V.ic+old@gmail.com", "unsubscribed", new Date("2026-01-01"));
    await keep("vic+reads@gmail.com", "active", new Date("2026-02-01"));
    await keep("vi.c@googlemail.com", "active", new Date("2026-03-01"));
    await keep("ada@example.org");
    await keep("ada+two@example.org");
    const store = storeWith(NEW);
    await Promise.all([store.upgradeAddresses(NOW), storeWith(NEW).upgradeAddresses(NOW)]);
    await store.upgradeAddresses(NOW);
    expect(await keys()).toEqual({
      "V.ic+old@gmail.com": "v.ic+old@gmail.com",
      "vic+reads@gmail.com": "vic@gmail.com",
      "vi.c@googlemail.com": "vi.c@googlemail.com",
      "ada@example.org": "ada@example.org",
      "ada+two@example.org": "ada+two@example.org",
    });
    const found = async (address: string) => {
      const id = (await store.subscriptions.findByAddress(address)) ?? "";
      return (await store.subscriptions.find(id))?.email;
    };
    for (const email of Object.keys(await keys())) expect(await found(email.toUpperCase())).toBe(email);
    expect(await found("v.i.c@gmail.com")).toBe("vic+reads@gmail.com");
    expect(await found("ada+three@example.org")).toBe("ada@example.org");
    await store.subscriptions.request(
      { address: "ada+two@example.org", key: "ada@example.org" },
      GATE_ORDER,
      NOW,
    );
    await store.subscriptions.request({ address: "v.ic@gmail.com", key: "vic@gmail.com" }, GATE_ORDER, NOW);
    expect(Object.keys(await keys())).toHaveLength(5);
  });

  it("that were suppressed in one spelling are found in all of them afterwards", async () => {
    await keep("com.plainer@gmail.com", "unsubscribed");
    await keepUnkeyed("com.plainer@gmail.com");
    const store = storeWith(NEW);
    expect(await isSuppressed(store, "complainer@gmail.com")).toBe(false);
    await store.upgradeAddresses(NOW);
    expect(await isSuppressed(store, "complainer@gmail.com")).toBe(true);
    await storeWith(OLD, NEW).upgradeAddresses(NOW);
    expect(await hashes()).toEqual([expect.stringMatching(/^old\./)]);
  });

  it("go from the details of suppressions when an installation is upgraded; the rest of them stays", async () => {
    const file = "../../../prisma/migrations/20261125134100_consent_and_sessions/migration.sql";
    const script = readFileSync(new URL(file, import.meta.url), "utf8");
    const update = script.split(";").find((statement) => statement.includes('UPDATE "suppressions"')) ?? "";
    const before = "550 5.1.1 <Ada.L+x@example.org>: 'bob@example.com' unknown, try again";
    await sql.query(
      "INSERT INTO suppressions (address_hash, reason, detail) VALUES ('a', 'bounce', $1), ('b', 'bounce', 'gone')",
      [before],
    );
    await sql.query(update);
    const { rows } = await sql.query("SELECT detail FROM suppressions ORDER BY address_hash");
    expect(rows).toEqual([
      { detail: "550 5.1.1 <…@example.org>: '…@example.com' unknown, try again" },
      { detail: "gone" },
    ]);
  });
});
