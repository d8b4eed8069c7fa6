// Making a formatter costs a hundred times what using one does.
const inUtc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
const long = inUtc({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const short = inUtc({ weekday: "short", day: "numeric", month: "short" });
const dated = inUtc({ day: "numeric", month: "short", year: "numeric" });
const grouped = new Intl.NumberFormat("en");

/** `Tuesday 24 November 2026`, in UTC like all of these. */
export const longDay = (date: Date): string => long.format(date).replace(",", "");

/** `Tue 24 Nov` */
export const shortDay = (date: Date): string => short.format(date).replace(",", "");

/** `24 Nov 2026` */
export const datedDay = (date: Date): string => dated.format(date);

/** `1,234` */
export const wholeNumber = (count: number): string => grouped.format(count);

/** `1 new paper`, `1,234 new papers` */
export const newPapers = (count: number): string =>
  `${wholeNumber(count)} new ${count === 1 ? "paper" : "papers"}`;

/** `1 new version`, `3 new versions` */
export const newVersions = (count: number): string =>
  `${wholeNumber(count)} new ${count === 1 ? "version" : "versions"}`;
