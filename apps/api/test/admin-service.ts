import { ADMIN_TOKEN, startService, type TestService } from "@paperboy/harness/service";
import pg from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";

export const NOW = new Date("2026-11-24T09:00:00Z");

export const METRICS_TOKEN = "metrics-token-0123456789";

export let service: TestService;

export let sql: pg.Pool;

export let visitors = 0;

/** A browser of a visitor of its own: keeps the cookie it is given. */
export function browser(from = `203.0.113.${100 + visitors++}`, url = () => service.url) {
  let cookie = "";
  const request = async (path: string, fields?: Record<string, string>): Promise<Response> => {
    const answer = await fetch(url() + path, {
      method: fields === undefined ? "GET" : "POST",
      headers: { accept: "text/html", "x-forwarded-for": from, cookie },
      redirect: "manual",
      ...(fields && { body: new URLSearchParams(fields) }),
    });
    const given = answer.headers.get("set-cookie");
    if (given !== null) cookie = given.split(";")[0] ?? "";
    return answer;
  };
  return {
    get: request,
    post: (path: string, fields: Record<string, string>) => request(path, fields),
    signIn: (token = ADMIN_TOKEN) => request("/admin/sign-in", { token }),
    isIn: async () => (await (await request("/admin")).text()).includes("/admin/sign-out"),
    form: async () => /name="form" value="([^"]+)"/.exec(await (await request("/admin")).text())?.[1] ?? "",
    cookie: () => cookie,
    take: (other: string) => {
      cookie = other;
    },
  };
}

/** Starts a service behind a proxy; before each test nobody has guessed a token, and nobody has signed in. */
export function serveAdministrators(): void {
  beforeAll(async () => {
    service = await startService({ TRUST_PROXY: "1", METRICS_TOKEN }, NOW);
    sql = new pg.Pool({ connectionString: service.databaseUrl });
  });
  afterAll(async () => {
    await sql.end();
    await service.close();
  });
  beforeEach(async () => {
    service.setTime(NOW);
    await sql.query("TRUNCATE throttles, admin_sessions");
  });
}
