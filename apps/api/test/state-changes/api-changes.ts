import { expect } from "vitest";
import { NOW, OTHER, READER, type World } from "./world.ts";

/** The routes of the REST API that change something, and what is to be seen of each afterwards. */
export function apiChanges(world: World): Readonly<Record<string, () => Promise<void>>> {
  const {
    json,
    send,
    links,
    tokenOf,
    subscription,
    isSuppressed,
    sources,
    unknownDelivery,
    statusOf,
    submittedDigest,
    merge,
    isUndone,
    pauseDestination,
    isPaused,
    webhook,
    service,
  } = world;
  return {
    "POST /api/v1/subscriptions": async () => {
      const body = { email: "asks@example.org", topics: [{ query: "gate" }] };
      expect((await json("POST", "/api/v1/subscriptions", body)).status).toBe(202);
      expect(await service.store.subscriptions.findByAddress("asks@example.org")).not.toBeNull();
    },
    "PATCH /api/v1/subscriptions/{id}": async () => {
      const path = `/api/v1/subscriptions/${world.id()}`;
      expect((await json("PATCH", path, { maxPapers: 7 }, tokenOf(links().manage))).status).toBe(200);
      expect((await subscription())?.order.maxPapers).toBe(7);
    },
    "DELETE /api/v1/subscriptions/{id}": async () => {
      const authorization = `Bearer ${tokenOf(links().manage)}`;
      const path = `/api/v1/subscriptions/${world.id()}`;
      expect((await send("DELETE", path, { headers: { authorization } })).status).toBe(204);
      expect((await subscription())?.status).toBe("unsubscribed");
    },
    "POST /api/v1/topics/preview": async () => {
      expect((await json("POST", "/api/v1/topics/preview", { query: "gate" })).status).toBe(200);
    },
    "POST /api/v1/admin/papers": async () => {
      const before = await service.store.papers.count();
      const answer = await json("POST", "/api/v1/admin/papers", [
        { title: "Pushed over HTTP", authors: ["A B"] },
      ]);
      expect(await answer.json()).toMatchObject({ read: 1, new: 1 });
      expect(await service.store.papers.count()).toBe(before + 1);
    },
    "POST /api/v1/admin/deliveries/{id}/settle": async () => {
      const lost = await unknownDelivery();
      const path = `/api/v1/admin/deliveries/${lost}/settle`;
      expect((await json("POST", path, { as: "submitted" })).status).toBe(200);
      expect(await statusOf(lost)).toBe("submitted");
      expect((await json("POST", path, { as: "submitted" })).status).toBe(409);
    },
    "POST /api/v1/admin/suppressions": async () => {
      expect((await json("POST", "/api/v1/admin/suppressions", { email: OTHER })).status).toBe(204);
      expect(await isSuppressed()).toBe(true);
    },
    "DELETE /api/v1/admin/suppressions": async () => {
      await service.store.suppressions.add(OTHER, "operator", null);
      expect((await json("DELETE", "/api/v1/admin/suppressions", { email: OTHER })).status).toBe(204);
      expect(await isSuppressed()).toBe(false);
      expect((await json("DELETE", "/api/v1/admin/suppressions", { email: OTHER })).status).toBe(404);
    },
    "POST /api/v1/admin/bounces/ses": async () => {
      const deliveryId = await submittedDigest();
      const Message = JSON.stringify({
        notificationType: "Bounce",
        bounce: { bounceType: "Permanent", bouncedRecipients: [{ emailAddress: READER }] },
        mail: { headers: [{ name: "Message-ID", value: `<${deliveryId}@papers.example.org>` }] },
      });
      const answer = await webhook("ses", { Type: "Notification", Message });
      expect(await answer.json()).toEqual({ applied: 1 });
      expect(await isSuppressed(READER)).toBe(true);
      await service.store.suppressions.remove(READER);
    },
    "POST /api/v1/admin/bounces/postmark": async () => {
      await submittedDigest();
      const bounce = {
        RecordType: "Bounce",
        Type: "HardBounce",
        Email: READER,
        BouncedAt: NOW.toISOString(),
      };
      expect(await (await webhook("postmark", bounce)).json()).toEqual({ applied: 1 });
      expect(await isSuppressed(READER)).toBe(true);
      await service.store.suppressions.remove(READER);
    },
    "POST /api/v1/admin/sources": async () => {
      const body = { name: "blog", kind: "feed", url: "https://blog.example.org/feed.xml" };
      expect((await json("POST", "/api/v1/admin/sources", body)).status).toBe(204);
      expect(await sources()).toContain("blog");
      expect(
        (await json("POST", "/api/v1/admin/sources", { name: "x", kind: "carrier-pigeon" })).status,
      ).toBe(422);
    },
    "DELETE /api/v1/admin/sources/{name}": async () => {
      await json("POST", "/api/v1/admin/sources", { name: "gone", kind: "hf" });
      const remove = () => json("DELETE", "/api/v1/admin/sources/gone", {});
      expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
      expect(await sources()).not.toContain("gone");
    },
    "POST /api/v1/admin/merges/{id}/undo": async () => {
      const merged = await merge();
      const undo = () => json("POST", `/api/v1/admin/merges/${merged}/undo`, {});
      expect([(await undo()).status, await isUndone(merged), (await undo()).status]).toEqual([
        204,
        true,
        404,
      ]);
    },
    "POST /api/v1/admin/streams/{key}/resume": async () => {
      await pauseDestination();
      expect((await json("POST", "/api/v1/admin/streams/slow.example/resume", {})).status).toBe(204);
      expect(await isPaused()).toBe(false);
    },
  };
}
