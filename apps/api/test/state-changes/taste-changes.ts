import { expect } from "vitest";
import { NOW, type World } from "./world.ts";

/** What readers say of papers, in a mail and on the page of their subscription. */
export function tasteChanges(world: World): Readonly<Record<string, () => Promise<void>>> {
  const { form, manage, tokenOf, submittedDigest, service } = world;
  const marks = () => service.store.marks.list(world.id());
  const taste = () => service.store.tastes.find(world.id());
  /** The fields that a link of a mail carries, for a paper of a digest that went out. */
  const linkOfMail = async () => {
    const id = await submittedDigest();
    const of = { id, subscriptionId: world.id(), manageRevision: 0, plannedAt: NOW };
    const [paper] = (await service.store.deliveries.findDigest(id))?.sections[0]?.papers ?? [];
    return {
      token: tokenOf(service.worker.pages.digest(of).mark ?? ""),
      paper: String(paper?.id),
      say: "more",
    };
  };
  const marked = async () => {
    const fields = await linkOfMail();
    expect((await form("/mark", fields)).status).toBe(200);
    return fields;
  };
  return {
    "POST /mark": async () => {
      await marked();
      expect(await marks()).toMatchObject([{ direction: "more", markedAt: "digest" }]);
    },
    "POST /mark/undo": async () => {
      const fields = await marked();
      expect((await form("/mark/undo", fields)).status).toBe(200);
      expect(await marks()).toEqual([]);
    },
    "POST /mark/word": async () => {
      const fields = await marked();
      const [strike = ""] = Object.keys(
        (await service.store.tastes.wordsOfPaper(world.id(), Number(fields.paper))) ?? {},
      );
      expect((await form("/mark/word", { ...fields, strike })).status).toBe(200);
      expect((await taste())?.struck).toEqual([strike]);
    },
    "POST /mark/for-you": async () => {
      expect((await form("/mark/for-you", await linkOfMail())).status).toBe(200);
      expect((await world.subscription())?.order.forYou).toBe(true);
    },
    "POST /manage/marks/remove": async () => {
      await marked();
      const [mark] = await marks();
      expect((await manage("/manage/marks/remove", { mark: String(mark?.id) })).status).toBe(303);
      expect(await marks()).toEqual([]);
    },
    "POST /manage/words": async () => {
      expect((await manage("/manage/words", { word: "pin gate" })).status).toBe(303);
      expect((await taste())?.pinned).toEqual(["gate"]);
    },
    "POST /manage/taste/start-again": async () => {
      await marked();
      expect((await manage("/manage/taste/start-again", { sure: "yes" })).status).toBe(303);
      expect(await marks()).toEqual([]);
    },
  };
}
