import { GATE_ORDER } from "@paperboy/harness/readers";
import { ADMIN_TOKEN } from "@paperboy/harness/service";
import { expect } from "vitest";
import { NOW, OTHER, READER, type World } from "./world.ts";

/** The forms of readers' pages and of administration, and what is to be seen of each afterwards. */
export function pageChanges(world: World): Readonly<Record<string, () => Promise<void>>> {
  const {
    form,
    send,
    manage,
    adminForm,
    links,
    tokenOf,
    subscription,
    isSuppressed,
    sources,
    ask,
    unknownDelivery,
    statusOf,
    submittedDigest,
    merge,
    isUndone,
    pauseDestination,
    isPaused,
    service,
  } = world;
  return {
    "POST /": async () => {
      const fields = { action: "subscribe", email: "types@example.org", query: "gate", topic: "gate" };
      expect((await form("/", { ...fields, cadence: "daily", time: "07:00", timezone: "UTC" })).status).toBe(
        303,
      );
      expect(await service.store.subscriptions.findByAddress("types@example.org")).not.toBeNull();
    },
    "POST /confirm": async () => {
      const { requestId } = await ask("confirms@example.org");
      const request = await service.store.subscriptions.findRequest(requestId);
      const link = service.worker.pages.confirm(requestId, request?.order ?? GATE_ORDER, NOW);
      expect((await form("/confirm", { token: tokenOf(link) })).status).toBe(200);
      expect(await service.store.subscriptions.find(request?.subscriptionId ?? "")).toMatchObject({
        status: "active",
      });
    },
    "POST /unsubscribe": async () => {
      expect((await form("/unsubscribe", { token: tokenOf(links().unsubscribe) })).status).toBe(200);
      expect((await subscription())?.status).toBe("unsubscribed");
    },
    "POST /resume": async () => {
      await service.store.subscriptions.unsubscribe(world.id(), NOW);
      expect((await form("/resume", { token: tokenOf(links().unsubscribe) })).status).toBe(200);
      expect((await subscription())?.status).toBe("active");
    },
    "POST /manage": async () => {
      const fields = { name: "Doors", query: "door", cadence: "weekdays", time: "08:15", timezone: "UTC" };
      expect((await manage("/manage", { ...fields, maxPapers: "9" })).status).toBe(303);
      expect((await subscription())?.order).toMatchObject({
        topics: [{ name: "Doors", query: "door" }],
        cadence: "weekdays",
        localMinute: 495,
        maxPapers: 9,
      });
    },
    "POST /manage/resume": async () => {
      await service.store.subscriptions.unsubscribe(world.id(), NOW);
      expect((await manage("/manage/resume")).status).toBe(303);
      expect((await subscription())?.status).toBe("active");
    },
    "POST /manage/unsubscribe": async () => {
      expect((await manage("/manage/unsubscribe")).status).toBe(303);
      expect((await subscription())?.status).toBe("unsubscribed");
    },
    "POST /manage/pause": async () => {
      expect((await manage("/manage/pause", { until: "2026-12-01" })).status).toBe(303);
      expect(await subscription()).toMatchObject({
        pausedUntil: "2026-12-01",
        nextDueAt: new Date("2026-12-01T07:00:00Z"),
      });
      expect((await manage("/manage/pause", { until: "soon" })).status).toBe(400);
      expect((await subscription())?.pausedUntil).toBe("2026-12-01");
      expect((await manage("/manage/pause", { until: "" })).status).toBe(303);
      expect(await subscription()).toMatchObject({
        pausedUntil: null,
        nextDueAt: new Date("2026-11-25T07:00:00Z"),
      });
    },
    "POST /manage/send-now": async () => {
      const notice = async () =>
        new URL(
          (await manage("/manage/send-now")).headers.get("location") ?? "",
          service.url,
        ).searchParams.get("done");
      expect(await notice()).toBe("sending");
      expect((await subscription())?.nextDueAt).toEqual(NOW);
      await submittedDigest();
      expect(await notice()).toBe("sent");
      expect((await subscription())?.nextDueAt).toEqual(new Date("2026-11-25T07:00:00Z"));
    },
    "POST /manage/link": async () => {
      expect((await form("/manage/link", { email: READER })).status).toBe(200);
      const mails = await service.store.deliveries.list({ limit: 1_000 });
      expect(mails.filter(({ kind, email }) => kind === "link" && email === READER)).toHaveLength(1);
    },
    "POST /manage/revoke": async () => {
      expect((await manage("/manage/revoke")).status).toBe(200);
      expect((await send("GET", `/manage?token=${tokenOf(links().manage)}`)).status).toBe(410);
    },
    "POST /manage/erase": async () => {
      expect((await manage("/manage/erase", { sure: "yes" })).status).toBe(200);
      expect(await subscription()).toBeNull();
    },
    "POST /admin/sign-in": async () => {
      expect((await form("/admin/sign-in", { token: ADMIN_TOKEN })).status).toBe(303);
      expect(await (await send("GET", "/admin")).text()).toContain("/admin/sign-out");
    },
    "POST /admin/sign-out": async () => {
      expect((await adminForm("/admin/sign-out")).status).toBe(303);
      expect(await (await send("GET", "/admin")).text()).not.toContain("/admin/sign-out");
    },
    "POST /admin/settle": async () => {
      const [out, again] = [await unknownDelivery(), await unknownDelivery()];
      expect((await adminForm("/admin/settle", { id: out, as: "submitted" })).status).toBe(303);
      expect((await adminForm("/admin/settle", { id: again, as: "pending" })).status).toBe(303);
      expect([await statusOf(out), await statusOf(again)]).toEqual(["submitted", "pending"]);
    },
    "POST /admin/suppress": async () => {
      expect((await adminForm("/admin/suppress", { email: OTHER })).status).toBe(303);
      expect(await isSuppressed()).toBe(true);
      expect((await adminForm("/admin/suppress", { email: OTHER, action: "remove" })).status).toBe(303);
      expect(await isSuppressed()).toBe(false);
    },
    "POST /admin/sources": async () => {
      expect((await adminForm("/admin/sources", { name: "papers", kind: "hf" })).status).toBe(303);
      expect(await sources()).toContain("papers");
      expect((await adminForm("/admin/sources", { name: "papers", action: "remove" })).status).toBe(303);
      expect(await sources()).not.toContain("papers");
    },
    "POST /admin/merges": async () => {
      const merged = await merge();
      expect((await adminForm("/admin/merges", { id: String(merged) })).status).toBe(303);
      expect(await isUndone(merged)).toBe(true);
    },
    "POST /admin/streams": async () => {
      await pauseDestination();
      expect((await adminForm("/admin/streams", { key: "slow.example" })).status).toBe(303);
      expect(await isPaused()).toBe(false);
    },
  };
}
