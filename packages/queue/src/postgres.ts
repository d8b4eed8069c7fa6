import { explainFailure } from "@paperboy/core";
import type { BackendFactory, IQueueBackend } from "bullmq";
import type { Pool, PoolClient } from "pg";
import { QueueUnavailable, reason } from "./errors.ts";
import type { QueueConnection } from "./queue-connection.ts";

const TIMEOUT_MS = 5000;
/** Each consuming job name holds one connection for LISTEN; the others serve short queries. */
const MAX_CONNECTIONS = 12;

/**
 * Keeps jobs in schema `bullmq` of the database at `url`, and brings that schema up to date. Throws
 * QueueUnavailable, naming DATABASE_URL, when the server does not answer within five seconds.
 */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<QueueConnection> {
  const [{ default: pg }, bullmq] = await Promise.all([import("pg"), import("bullmq")]);
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: TIMEOUT_MS,
    application_name: "paperboy-queue",
    onConnect: (client) => client.query("SET search_path TO bullmq"),
  });
  pool.setMaxListeners(0).on("error", onError);
  await prepareSchema(pool, bullmq).catch(async (error) => {
    await pool.end();
    throw new QueueUnavailable(`cannot keep jobs in PostgreSQL: ${explain(error)}`, { cause: error });
  });
  return {
    factory: bullmq.createPostgresBackend as unknown as BackendFactory<IQueueBackend, unknown>,
    producer: pool,
    consumer: () => pool,
    idleSeconds: 30,
    ping: async () => void (await pool.query("SELECT 1")),
    explain,
    close: () => pool.end(),
  };
}

const explain = (error: unknown): string => explainFailure(error) ?? `DATABASE_URL: ${reason(error)}`;

/** Asks before it migrates, so that a role without the right to create a schema can run on one made beforehand. */
async function prepareSchema(pool: Pool, bullmq: typeof import("bullmq")): Promise<void> {
  const client = await pool.connect();
  try {
    if ((await schemaVersion(client, bullmq)) < bullmq.LATEST_SCHEMA_VERSION)
      await bullmq.runMigrations(client);
  } finally {
    client.release();
  }
}

async function schemaVersion(client: PoolClient, bullmq: typeof import("bullmq")): Promise<number> {
  try {
    return await bullmq.assertSchemaCompatibility(client);
  } catch (error) {
    if (error instanceof bullmq.SchemaMigrationRequiredError) return 0;
    throw error;
  }
}
