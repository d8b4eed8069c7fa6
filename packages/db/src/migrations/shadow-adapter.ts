import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import pg from "pg";

const OID_CHAR = 18;
/** A type no catalogue column has and the adapter knows: it carries `"char"` through the adapter. */
const OID_MONEY = 790;

/**
 * Prisma's Postgres adapter for comparing schemas. It differs from the plain one in two ways the comparison
 * needs: catalogue columns of the internal type `"char"`, which the adapter cannot read, arrive as
 * characters; and the shadow database is really another one (the plain adapter lets a connection string win
 * over it), dropped only after its connections are closed.
 */
export function shadowAdapter(databaseUrl: string): ShadowAdapter {
  const opened: SqlDriverAdapter[] = [];
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect: async () => {
      const adapter = await connect(databaseUrl);
      opened.push(adapter);
      return adapter;
    },
    connectToShadowDb: async () => {
      const name = `paperboy_shadow_${randomUUID()}`;
      await runOn(databaseUrl, `CREATE DATABASE "${name}"`);
      const shadow = await connect(withDatabase(databaseUrl, name));
      return disposingWith(shadow, () => runOn(databaseUrl, `DROP DATABASE "${name}" WITH (FORCE)`));
    },
  };
  return { factory, close: async () => void (await Promise.all(opened.map((adapter) => adapter.dispose()))) };
}

export interface ShadowAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Closes the connections to the database itself; the engine closes those to its shadow. */
  close(): Promise<void>;
}

async function connect(url: string): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaPg({ connectionString: url, Client: CharAsMoneyClient }).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    const columnTypes = result.columnTypes.map((type) =>
      type === ColumnTypeEnum.Numeric ? ColumnTypeEnum.Character : type,
    );
    return { ...result, columnTypes };
  };
  return adapter;
}

class CharAsMoneyClient extends pg.Client {
  // pg's query has many overloads; the pool under the adapter calls the one with a callback at the end.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  override query(...args: any[]): any {
    const callback = args.at(-1);
    if (typeof callback === "function") {
      args[args.length - 1] = (error: Error | null, result?: pg.QueryResult) =>
        callback(error, charAsMoney(result));
    }
    // biome-ignore lint/suspicious/noExplicitAny: see above
    return (super.query as any)(...args);
  }
}

function charAsMoney(result: pg.QueryResult | undefined): pg.QueryResult | undefined {
  for (const field of result?.fields ?? []) if (field.dataTypeID === OID_CHAR) field.dataTypeID = OID_MONEY;
  return result;
}

function disposingWith(adapter: SqlDriverAdapter, after: () => Promise<void>): SqlDriverAdapter {
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await after();
  };
  return adapter;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
