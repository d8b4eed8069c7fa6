import Handlebars from "handlebars";
import type { TopicPreview } from "../ports.ts";
import { dateName, dayName, momentName, shortDate } from "./dates.ts";
import { type MarkedText, markedHtml } from "./highlight.ts";
import { sparkline } from "./sparkline.ts";

const number = new Intl.NumberFormat("en-GB");

/** What views may call. Only `mark` and `sparkline` write HTML, and escape what they are given. */
export const helpers: Handlebars.HelperDeclareSpec = {
  /** Text with the stretches that matched marked. */
  mark: (marked: MarkedText) => new Handlebars.SafeString(markedHtml(marked)),
  sparkline: (days: TopicPreview["days"]) => new Handlebars.SafeString(sparkline(days)),
  date: (instant: Date) => dateName(instant),
  moment: (instant: Date) => `${momentName(instant, "UTC")} UTC`,
  day: (isoDate: string) => dayName(new Date(`${isoDate}T00:00:00Z`), "UTC"),
  shortDate: (isoDate: string) => shortDate(isoDate),
  number: (value: number) => number.format(value),
  /** `{{plural 3 "paper"}}` → `3 papers` */
  plural: (count: number, noun: string) => `${number.format(count)} ${noun}${count === 1 ? "" : "s"}`,
  query: (text: string) => encodeURIComponent(text),
  eq: (a: unknown, b: unknown) => a === b,
  add: (a: number, b: number) => a + b,
};
