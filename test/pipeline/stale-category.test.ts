import { announcedAt, HOUR_MS } from "@paperboy/core";
import type { SimFault } from "@paperboy/harness/arxiv/faults";
import type { SimPaper } from "@paperboy/harness/arxiv/papers";
import { type SimArxiv, startArxiv } from "@paperboy/harness/arxiv/server";
import { ADMIN_TOKEN, startService, type TestService } from "@paperboy/harness/service";
import { arxivHostPolicy, createFetcher, mirrorOf } from "@paperboy/sources";
import { readNextSource, reconcileNext, runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const [MONDAY, TUESDAY, WEDNESDAY] = ["2026-11-16", "2026-11-17", "2026-11-18"] as const;
const hoursAfter = (day: string, hours: number) => new Date(announcedAt(day).getTime() + hours * HOUR_MS);
const paper = (n: number, day: string, categories: string[]): SimPaper => ({
  id: `2611.0${1000 + n}`,
  categories,
  submittedAt: hoursAfter(day, -10),
  day,
  title: `Paper ${n} of ${categories.join(" and ")}`,
  replacedOn: [],
});
const PAPERS = [MONDAY, TUESDAY, WEDNESDAY].flatMap((day, place) => [
  ...Array.from({ length: 12 }, (_, n) => paper(place * 100 + n, day, ["cs.CL"])),
  ...Array.from({ length: 12 }, (_, n) => paper(place * 100 + 40 + n, day, ["cs.LG"])),
  paper(place * 100 + 80, day, ["cs.CL", "cs.LG"]),
]);

let service: TestService;
let arxiv: SimArxiv;
let now = hoursAfter(MONDAY, 5);
const faults: SimFault[] = [{ kind: "stale category", day: TUESDAY, category: "cs.LG", days: 1 }];
const wait = async (milliseconds: number) => {
  now = new Date(now.getTime() + milliseconds);
};
const fetcher = createFetcher({
  userAgent: "Paperboy/1.0",
  allowPrivate: true,
  hostPolicies: [arxivHostPolicy("127.0.0.1")],
  now: () => now,
  wait,
});
const ports = () => ({ fetcher, wait, arxiv: mirrorOf(arxiv.url) });
const at = (time: Date) => {
  now = time;
  service.setTime(time);
};
const read = () => readNextSource(service.store, ports(), () => now, { name: "arxiv" });
const reconcile = () => reconcileNext(service.store, ports(), () => now, { name: "arxiv" });
const admin = async (path: string) =>
  fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
const health = async () => {
  const { sources } = (await (await admin("/api/v1/admin/sources")).json()) as {
    sources: { health: { state: string; late: boolean; categories: Record<string, unknown>[] } }[];
  };
  return sources[0]?.health;
};
const mailAt = async (time: Date) => {
  at(time);
  await service.store.papers.announce(time);
  await runUntilDone(service.worker, time);
  return (await service.mails()).at(-1)?.text ?? "";
};

beforeAll(async () => {
  service = await startService({}, now);
  const days = ["2026-11-13", MONDAY, TUESDAY, WEDNESDAY];
  arxiv = await startArxiv({ papers: PAPERS, days, faults, now: () => now, random: () => 0 });
  const config = { query: "cs.CL+cs.LG", url: `${arxiv.url}/rss/cs.CL+cs.LG` };
  await service.store.sources.add({ name: "arxiv", kind: "arxiv-rss", config, everyMinutes: 60 }, now);
  const order = {
    topics: [{ name: "All", query: "category:cs.CL OR category:cs.LG" }],
    trending: false,
    cadence: "daily" as const,
    weekday: 1,
    localMinute: 720,
    timezone: "UTC",
    maxPapers: 50,
  };
  const { requestId } = await service.store.subscriptions.request(
    { address: "a@example.org", key: "a@example.org" },
    order,
    now,
  );
  await service.store.subscriptions.confirm(requestId, now);
});
afterAll(async () => {
  await fetcher.close();
  await arxiv.close();
  await service.close();
});

describe("a feed of two categories, one of which repeats yesterday", () => {
  it("is well while both are new", async () => {
    await read();
    expect(await health()).toMatchObject({
      state: "ok",
      categories: [
        { category: "cs.CL", day: MONDAY, state: "fresh", announced: 13 },
        { category: "cs.LG", day: MONDAY, state: "fresh", announced: 13 },
      ],
    });
    expect(await mailAt(hoursAfter(MONDAY, 11))).toContain("Paper 40 of cs.LG");
  });

  it("is said of the category, in the API, the page and the metrics, before anything is compared", async () => {
    at(hoursAfter(TUESDAY, 5));
    await read();
    expect(await health()).toMatchObject({
      state: "repeated",
      late: true,
      categories: [
        { category: "cs.CL", day: TUESDAY, state: "fresh", late: false },
        { category: "cs.LG", day: TUESDAY, state: "repeated", late: true },
      ],
    });
  });

  it("is said in the digest, and what comes another way is in the next one, once", async () => {
    const tuesday = await mailAt(hoursAfter(TUESDAY, 11));
    expect(tuesday).toContain("arXiv (cs.LG) was late today; these papers will come tomorrow.");
    expect(tuesday).toContain("Paper 100 of cs.CL");
    expect(tuesday).not.toContain("Paper 140 of cs.LG");
    at(hoursAfter(TUESDAY, 12));
    expect(await reconcile()).toMatchObject({ filled: 12, missing: [], complete: true });
    expect(await health()).toMatchObject({
      late: false,
      categories: [{ state: "fresh" }, { state: "repeated", filled: 12, missing: [] }],
    });
    at(hoursAfter(WEDNESDAY, 5));
    await read();
    const wednesday = await mailAt(hoursAfter(WEDNESDAY, 11));
    for (const n of [140, 151, 200, 240]) expect(wednesday).toContain(`Paper ${n} of`);
    expect(wednesday).not.toContain("Paper 100 of");
    expect(wednesday).not.toContain("was late today");
  });

  it("leaves nothing to fill when it is compared again", async () => {
    at(hoursAfter(WEDNESDAY, 14));
    expect(await reconcile()).toMatchObject({ gaps: 0, filled: 0, missing: [] });
    expect(arxiv.requestStats()).toMatchObject({ mostAtOnce: 1 });
    expect(arxiv.requestStats().shortestGapMs).toBeGreaterThanOrEqual(3_000);
  });

  it("shows each category in /admin and /metrics", async () => {
    const metrics = await (await admin("/metrics")).text();
    expect(metrics).toContain("paperboy_source_category_health");
    const signedIn = await fetch(`${service.url}/admin/sign-in`, {
      method: "POST",
      body: new URLSearchParams({ token: ADMIN_TOKEN }),
      redirect: "manual",
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await (await fetch(`${service.url}/admin`, { headers: { cookie } })).text();
    expect(page).toContain("Announcements by category");
    expect(page).toContain("<td>cs.LG</td>");
  });
});
