import type { DeliveryWrite } from "@paperboy/db";
import { describe, expect, it } from "vitest";
import { createRecorder } from "../src/deliver/record.ts";

const claim = (id: string) => ({ id, fence: 1 });
const ACCEPTED = { event: "accept", response: "250 2.0.0 taken", messageId: "<d@papers.test>" } as const;

/** A recorder, and what it committed, a group a line; `underWay` mails are being sent. */
function openRecorder(underWay: number, fails: () => boolean = () => false) {
  const groups: string[][] = [];
  const write = async (writes: readonly DeliveryWrite[]) => {
    if (fails()) throw new Error("the connection is gone");
    groups.push(writes.map(({ id, event }) => `${event} ${id}`));
    return new Set(writes.map(({ id }) => id));
  };
  const options = { now: () => new Date(0), leaseSeconds: 60, underWay: () => underWay };
  return { recorder: createRecorder({ deliveries: { write } }, options), groups };
}

describe("recording", () => {
  it("commits a mail's end with the next one's mark, never after it", async () => {
    const { recorder, groups } = openRecorder(1);
    expect(await recorder.dot(claim("a"))).toBe(true);
    void recorder.end(claim("a"), ACCEPTED);
    expect(await recorder.dot(claim("b"))).toBe(true);
    void recorder.end(claim("b"), ACCEPTED);
    await recorder.recorded(0);
    expect(groups).toEqual([["dot a"], ["accept a", "dot b"], ["accept b"]]);
  });

  it("commits the marks of all mails under way at once", async () => {
    const { recorder, groups } = openRecorder(3);
    await Promise.all(["a", "b", "c"].map((id) => recorder.dot(claim(id))));
    expect(groups).toEqual([["dot a", "dot b", "dot c"]]);
  });

  it("refuses a mark whose commit failed, and records the end that was committed with it later", async () => {
    let isDown = false;
    const { recorder, groups } = openRecorder(1, () => isDown);
    await recorder.dot(claim("a"));
    isDown = true;
    void recorder.end(claim("a"), ACCEPTED);
    await expect(recorder.dot(claim("b"))).rejects.toThrow("the connection is gone");
    await recorder.recorded(1); // one may be left
    isDown = false;
    await recorder.recorded(0);
    expect(groups).toEqual([["dot a"], ["accept a"]]);
  });
});
