import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { addReaders, gatePapers, publish } from "@paperboy/harness/readers";
import { ADMIN_TOKEN, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const OPERATE = fileURLToPath(new URL("../../docs/operate.md", import.meta.url));
const NOW = new Date("2026-11-24T09:00:00Z");

let service: TestService;
beforeAll(async () => {
  service = await startService({}, NOW);
});
afterAll(() => service.close());

const scrape = async (): Promise<string> =>
  (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text();
/** The samples of a metric: labels and value. */
const samples = (text: string, name: string) =>
  text
    .split("\n")
    .flatMap((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `) ? [line] : []));

/** `name kind`, from `# TYPE name kind`. */
const printed = (text: string) =>
  [...text.matchAll(/^# TYPE (paperboy_\w+) (\w+)$/gm)].map((match) => `${match[1]} ${match[2]}`);
/** The same from the table, with the labels it names. */
function documented() {
  const rows = [...readFileSync(OPERATE, "utf8").matchAll(/^\| `(paperboy_\w+)` +\| (\w+) +\| (.*?) +\|/gm)];
  return rows.map(([, name, kind, labels = ""]) => ({
    name: `${name} ${kind}`,
    labels: [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1]).sort(),
  }));
}

describe("/metrics", () => {
  it("prints what docs/operate.md lists, with these labels, and nothing else of ours", async () => {
    const text = await scrape();
    expect(printed(text).sort()).toEqual(
      documented()
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, labels } of documented()) {
      const [metric = ""] = name.split(" ");
      const [sample] = samples(text, metric).concat(samples(text, `${metric}_count`));
      if (sample === undefined) continue; // a metric with labels has no sample before its first event
      expect([...sample.matchAll(/[{,](\w+)="/g)].map((match) => match[1]).sort(), metric).toEqual(labels);
    }
  });

  it("names metrics as Prometheus has it: counters end in _total, times are seconds, prefixes are ours", async () => {
    for (const metric of printed(await scrape())) {
      const [name = "", kind] = metric.split(" ");
      expect(name.endsWith("_total"), metric).toBe(kind === "counter");
      if (kind === "histogram") expect(name).toMatch(/_seconds$/);
    }
  });

  it("counts what the workers of the process do: editions, mails, how long they took", async () => {
    await publish(service.store, gatePapers(2), new Date("2026-11-23T09:00:00Z"));
    await addReaders(service.store, 3, new Date("2026-11-23T09:00:00Z"));
    await runUntilDone(service.worker, NOW);
    const text = await scrape();
    expect(text).toContain('paperboy_mails_total{kind="digest",outcome="submitted"} 3');
    expect(text).toContain('paperboy_editions_planned_total{result="pending"} 3');
    expect(text).toContain('paperboy_mail_send_duration_seconds_count{outcome="submitted"}');
    expect(text).toMatch(/paperboy_stage_duration_seconds_count\{stage="plan"\} [1-9]/);
    expect(text).toMatch(/paperboy_stage_duration_seconds_count\{stage="deliver"\} [1-9]/);
    expect(text).toContain('paperboy_queue_jobs{job="deliver",state="waiting"} 0');
    expect(text).toMatch(/paperboy_build_info\{version="[^"]+",node="v\d+/);
  });

  it("measures requests by the pattern of their route: no id, no token, no word of a stranger", async () => {
    const get = (path: string, method = "GET") => fetch(service.url + path, { method });
    for (let n = 0; n < 30; n++) await get(`/api/v1/papers/${1_000 + n}`);
    for (let n = 0; n < 30; n++) await get(`/nowhere/${n}?q=secret`);
    for (const method of ["PURGE", "PROPFIND", "MKCOL"]) await get("/search", method);
    await get("/digests/some-token");
    await get("/manage?token=some-token");
    const lines = samples(await scrape(), "paperboy_http_request_duration_seconds_count");
    expect(lines).toContain(
      'paperboy_http_request_duration_seconds_count{method="GET",route="/api/v1/papers/{id}",status="404"} 30',
    );
    expect(lines).toContain(
      'paperboy_http_request_duration_seconds_count{method="GET",route="none",status="404"} 30',
    );
    expect(lines.filter((line) => line.includes('method="OTHER"'))).toHaveLength(1);
    expect(lines.join("\n")).toContain('route="/digests/{token}"');
    expect(lines.join("\n")).not.toMatch(/some-token|secret|nowhere|PURGE/);
  });
});
