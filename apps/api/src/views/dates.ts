/** `Tuesday, 24 November 2026`, as it reads in a time zone. */
export function dayName(instant: Date, timeZone: string): string {
  return format(instant, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone });
}

/** `24 November 2026`, in UTC, as sources date papers. */
export function dateName(instant: Date): string {
  return format(instant, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** `24 Nov` of an ISO 8601 date. */
export function shortDate(isoDate: string): string {
  return format(new Date(`${isoDate}T00:00:00Z`), { day: "numeric", month: "short", timeZone: "UTC" });
}

/** `Wednesday, 25 November at 07:00`, as it reads in a time zone. */
export function momentName(instant: Date, timeZone: string): string {
  const day = format(instant, { weekday: "long", day: "numeric", month: "long", timeZone });
  return `${day} at ${format(instant, { hour: "2-digit", minute: "2-digit", timeZone })}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a thousand times what using it does. */
function format(instant: Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  const formatter = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", options);
  if (formats.size < 1_000) formats.set(key, formatter);
  return formatter.format(instant);
}
