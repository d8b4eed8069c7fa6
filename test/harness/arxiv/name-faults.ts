import { announcementDay, judgeSource } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { NAMED_BY, type SimFault } from "./faults.ts";

/** Keeps what is said of each fault on its day, as soon as it says the right thing. */
export async function nameFaults(
  store: Store,
  faults: readonly SimFault[],
  now: Date,
  named: Map<SimFault, string>,
): Promise<void> {
  const day = announcementDay(now);
  const fault = faults.find((each) => each.day === day);
  const pattern = fault && NAMED_BY[fault.kind];
  if (fault === undefined || !pattern || pattern.test(named.get(fault) ?? "")) return;
  const [source] = await store.sources.health(now);
  const health = source && judgeSource({ ...source, now });
  const said = (health?.categories ?? [])
    .filter(({ category }) => fault.category === null || category === fault.category)
    .map(({ state, says }) => `${state}: ${says}`);
  named.set(fault, said.find((line) => pattern.test(line)) ?? said.join(" | "));
}
