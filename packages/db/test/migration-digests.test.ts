import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { DELIVERY_STATUSES } from "@paperboy/core";
import pg from "pg";
import { beforeAll, describe, expect, inject, it } from "vitest";

const MIGRATIONS = new URL("../../../prisma/migrations/", import.meta.url);
const SPLIT = "20261125140000_digests";
let sql: pg.Client;

/** Runs the migrations of the range, as files, on a database that knows nothing of later ones. */
async function apply(isWanted: (name: string) => boolean): Promise<void> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d+_/.test(name) && isWanted(name)).sort();
  for (const name of names)
    await sql.query(await readFile(new URL(`${name}/migration.sql`, MIGRATIONS), "utf8"));
}

beforeAll(async () => {
  const admin = new URL(inject("postgresUrl"));
  admin.pathname = "/postgres";
  const server = new pg.Client({ connectionString: admin.href });
  await server.connect();
  const name = `before_${randomUUID().replaceAll("-", "")}`;
  await server.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  sql = new pg.Client({ connectionString: new URL(`/${name}`, admin).href });
  await sql.connect();
  return async () => {
    await sql.end();
    await server.query(`DROP DATABASE ${name}`).finally(() => server.end());
  };
});

/** One row of each kind in each status, no two alike in any column. */
async function fill(): Promise<void> {
  for (const [place, status] of DELIVERY_STATUSES.entries()) {
    const { rows } = await sql.query(
      `WITH reader AS (INSERT INTO subscribers (email, address_key) VALUES ($1, $1) RETURNING id)
       INSERT INTO subscriptions (subscriber_id) SELECT id FROM reader RETURNING id`,
      [`reader${place}@example.org`],
    );
    for (const [more, kind] of ["digest", "confirmation", "link"].entries()) {
      const n = 3 * place + more;
      const at = (hours: number) => new Date(Date.UTC(2026, 10, 1 + n, hours));
      await sql.query(
        `INSERT INTO deliveries (subscription_id, kind, edition, status, paper_ids, sections, to_seq, notes, fence, attempts, uncertain,
           lease_expires_at, next_attempt_at, response, message_id, planned_at, submitted_at, updated_at)
         VALUES ($1, $2::delivery_kind, $3, $4::delivery_status, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
        [
          rows[0].id,
          kind,
          `edition ${n}`,
          status,
          kind === "digest" ? [n, n + 100] : [],
          JSON.stringify(
            kind === "digest" ? [{ kind: "topic", name: `topic ${n}`, papers: [{ id: n }] }] : [],
          ),
          n * 7,
          kind === "digest" ? [`note ${n}`, "late"] : [],
          n,
          n % 4,
          n % 3 === 0,
          n % 2 === 0 ? at(1) : null,
          status === "deferred" ? at(2) : null,
          `answer ${n}`,
          `<${n}@papers.test>`,
          at(0),
          at(3),
          at(4),
        ],
      );
    }
    await sql.query(
      `INSERT INTO bounces (delivery_id, kind, reason, received_at)
       SELECT id, 'soft', 'full', now() FROM deliveries WHERE subscription_id = $1`,
      [rows[0].id],
    );
  }
}

const WIDE = `id, subscription_id, kind, edition, status, paper_ids, sections, to_seq, notes, fence, attempts, uncertain, lease_expires_at,
  next_attempt_at, response, message_id, planned_at, submitted_at, updated_at`;

describe("the migration that parts digests from deliveries", () => {
  it("keeps every row of every kind and status, and says which are open", async () => {
    await apply((name) => name < SPLIT);
    await fill();
    const { rows: before } = await sql.query(`SELECT ${WIDE} FROM deliveries ORDER BY id`);
    expect(before).toHaveLength(3 * DELIVERY_STATUSES.length);
    await apply((name) => name >= SPLIT);
    const { rows: after } = await sql.query(
      `SELECT d.id, d.subscription_id, d.kind, d.edition, d.status, g.paper_ids, g.sections, g.to_seq, g.notes, d.fence, d.attempts,
         d.uncertain, d.lease_expires_at, d.next_attempt_at, d.response, d.message_id, d.planned_at, d.submitted_at, d.updated_at
       FROM deliveries d LEFT JOIN digests g ON g.id = d.id AND g.subscription_id = d.subscription_id
         AND g.edition = d.edition AND g.planned_at = d.planned_at ORDER BY d.id`,
    );
    const none = { paper_ids: null, sections: null, to_seq: null, notes: null };
    expect(after).toEqual(before.map((row) => (row.kind === "digest" ? row : { ...row, ...none })));
    expect((await sql.query("SELECT FROM bounces")).rowCount).toBe(before.length);
    const { rows: open } = await sql.query(
      "SELECT DISTINCT status FROM deliveries WHERE open_at IS NOT NULL",
    );
    expect(open.map(({ status }) => status).sort()).toEqual(["deferred", "dotted", "pending", "sending"]);
  });

  it("leaves a change of status within its page until the delivery is over", async () => {
    const hotUpdates = async () => {
      await sql.query("SELECT pg_stat_force_next_flush()");
      return (await sql.query("SELECT pg_stat_get_tuples_hot_updated('deliveries'::regclass)::int AS n"))
        .rows[0].n;
    };
    const { rows } = await sql.query(
      "SELECT id FROM deliveries WHERE status = 'pending' AND kind = 'digest'",
    );
    const moved = async (change: string) => {
      const before = await hotUpdates();
      await sql.query(`UPDATE deliveries SET ${change} WHERE id = $1`, [rows[0].id]);
      return (await hotUpdates()) - before;
    };
    expect(await moved("status = 'sending', fence = fence + 1, lease_expires_at = now()")).toBe(1);
    expect(await moved("status = 'dotted', lease_expires_at = now()")).toBe(1);
  });
});
