import type { SimPaper } from "./papers.ts";

export const FAULT_KINDS = [
  "stale category",
  "half a batch",
  "missing day",
  "feed jumps back",
  "v2 before v1",
  "ids out of order",
  "RSS cut off",
  "OAI-PMH cut off",
  "429, seconds",
  "429, date",
  "503",
  "OAI-PMH and API a day late",
  "other time zone",
  "unannounced holiday",
  "outage of ours",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that goes wrong on one announcement day. */
export interface SimFault {
  readonly kind: FaultKind;
  readonly day: string;
  /** Null when it is of all categories. */
  readonly category: string | null;
  /** Announcement days that it lasts. */
  readonly days: number;
}

/** What the service is to say of a category on the day of a fault; null where all goes well in spite of it. */
export const NAMED_BY: Readonly<Record<FaultKind, RegExp | null>> = {
  "stale category": /an earlier day/,
  "half a batch": /^partial/,
  "missing day": /^late/,
  "feed jumps back": /an earlier day|^late/,
  "v2 before v1": /^partial/,
  "ids out of order": null,
  "RSS cut off": /reading it: .*(?:XML|end|tag|line|document|cut)/i,
  "OAI-PMH cut off": /OAI-PMH: the list was cut off/,
  "429, seconds": /429/,
  "429, date": /429/,
  "503": /503/,
  "OAI-PMH and API a day late": null,
  "other time zone": null,
  "unannounced holiday": /^quiet/,
  "outage of ours": null,
};

/** Faults over the announcement days of a span: on about half of them, all kinds in turn, in an order from the seed. */
export function makeFaults(
  days: readonly string[],
  categories: readonly string[],
  random: () => number,
): SimFault[] {
  const faults: SimFault[] = [];
  const isLastDays = (place: number) => place > days.length - 4;
  let waiting: FaultKind[] = [];
  // The first days show what is usual.
  for (let place = 2; place < days.length && !isLastDays(place); place++) {
    if (random() < 0.25) continue;
    if (waiting.length === 0) waiting = shuffled(FAULT_KINDS, random);
    const kind = waiting.pop() as FaultKind;
    const lasts = kind === "outage of ours" ? 1 + Math.floor(random() * Math.min(12, days.length / 8)) : 1;
    const isOfAll = !["stale category", "half a batch", "v2 before v1"].includes(kind);
    const category = isOfAll ? null : (categories[Math.floor(random() * categories.length)] as string);
    faults.push({ kind, day: days[place] as string, category, days: lasts });
    place += lasts; // two at once would hide each other's names
  }
  return faults;
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
  }
  return mixed;
}

/** Papers as they are announced when arXiv rests on a day that it did not say: the next day brings them. */
export function withHolidays(
  papers: readonly SimPaper[],
  days: readonly string[],
  faults: readonly SimFault[],
): SimPaper[] {
  const rests = new Set(faults.filter(({ kind }) => kind === "unannounced holiday").map(({ day }) => day));
  const moved = (day: string) => (rests.has(day) ? (days[days.indexOf(day) + 1] ?? day) : day);
  return papers.map((paper) => ({
    ...paper,
    day: moved(paper.day),
    replacedOn: paper.replacedOn.map(moved).filter((day) => day > moved(paper.day)),
  }));
}

/** Papers of which one, on each day that shows a version 2 before version 1, is replaced on the day after. */
export function withReplacements(
  papers: readonly SimPaper[],
  days: readonly string[],
  faults: readonly SimFault[],
): SimPaper[] {
  const replaced = new Map(
    faults.flatMap(({ kind, day, category }): [SimPaper, string][] => {
      const next = days[days.indexOf(day) + 1];
      const isMine = (paper: SimPaper) => paper.day === day && paper.categories.join() === category;
      const paper = kind === "v2 before v1" ? papers.find(isMine) : undefined;
      return paper === undefined || next === undefined ? [] : [[paper, next]];
    }),
  );
  return papers.map((paper) => {
    const next = replaced.get(paper);
    return next === undefined ? paper : { ...paper, replacedOn: [next] };
  });
}
