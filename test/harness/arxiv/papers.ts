import { announcementDays, submittedFrom, submittedUntil } from "@paperboy/core";

/** A paper of the simulated arXiv. */
export interface SimPaper {
  readonly id: string;
  readonly categories: readonly string[];
  readonly submittedAt: Date;
  /** The announcement day. */
  readonly day: string;
  readonly title: string;
  /** Days on which a new version is announced, oldest first. */
  readonly replacedOn: readonly string[];
}

/** Numbers from a seed, each in [0, 1) (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Papers of some categories on all announcement days of a span; a third are in two of them, some are replaced the day after. */
export function makePapers(
  categories: readonly string[],
  span: { readonly from: string; readonly to: string },
  perDay: number,
  random: () => number,
): SimPaper[] {
  const days = announcementDays(span.from, span.to);
  const serials = new Map<string, number>();
  return days.flatMap((day, place) => {
    const since = submittedFrom(day).getTime();
    const until = submittedUntil(day).getTime();
    const count = Math.round(perDay * (0.7 + random() * 0.6));
    const times = Array.from({ length: count }, () => since + random() * (until - since)).sort(
      (a, b) => a - b,
    );
    return times.map((time): SimPaper => {
      const submittedAt = new Date(Math.floor(time / 1000) * 1000);
      const month = submittedAt.toISOString().slice(2, 7).replace("-", "");
      const serial = (serials.get(month) ?? 100) + 1 + Math.floor(random() * 3);
      serials.set(month, serial);
      const id = `${month}.${String(serial).padStart(5, "0")}`;
      const first = Math.floor(random() * categories.length);
      const mine = [categories[first] as string];
      if (random() < 0.33) mine.push(categories[(first + 1) % categories.length] as string);
      const next = days[place + 1];
      const replacedOn = next !== undefined && random() < 0.08 ? [next] : [];
      return {
        id,
        categories: mine,
        submittedAt,
        day,
        title: `Announced paper ${id.replace(".", " ")}`,
        replacedOn,
      };
    });
  });
}
