import type { TopicPreview } from "../ports.ts";
import { shortDate } from "./dates.ts";
import { escapeHtml } from "./highlight.ts";

const BAR = 8;
const GAP = 2;
const HEIGHT = 40;
/** A day with few papers beside a day with many must still be seen. */
const LEAST = 2;

/** Papers per day as bars: an SVG made of attributes only, as a strict content policy demands. */
export function sparkline(days: TopicPreview["days"]): string {
  const most = Math.max(1, ...days.map((day) => day.count));
  const width = days.length * (BAR + GAP) - GAP;
  const bars = days.map(({ count }, place) => {
    const height = count === 0 ? 0 : Math.max(LEAST, Math.round((count / most) * HEIGHT));
    const x = place * (BAR + GAP);
    const base = `<rect class="spark-day" x="${x}" y="${HEIGHT + 1}" width="${BAR}" height="1"/>`;
    return `${base}<rect class="spark-bar" x="${x}" y="${HEIGHT - height}" width="${BAR}" height="${height}"/>`;
  });
  return (
    `<svg class="sparkline" viewBox="0 0 ${width} ${HEIGHT + 2}" role="img" preserveAspectRatio="none" ` +
    `aria-label="${escapeHtml(describe(days, most))}">${bars.join("")}</svg>`
  );
}

function describe(days: TopicPreview["days"], most: number): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return "No days";
  return `Papers a day from ${shortDate(first.date)} to ${shortDate(last.date)}, at most ${most} on one day`;
}
