/** Clocks disagree, and some feeds stamp tomorrow's batch today; past this a date is a mistake. */
const MAX_AHEAD_MS = 2 * 24 * 60 * 60 * 1000;
const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;
/** RFC 5322 section 3.3, as mail, RSS and the arXiv snapshot write dates. */
const RFC_5322 =
  /^(?:[a-z]{3},\s*)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{2}:\d{2}(?::\d{2})?\s*(?:[+-]\d{4}|GMT|UTC?|Z)$/i;

/** ISO 8601 down to a bare year; without a zone it is UTC, so that every machine reads the same instant. */
function isoInstant(text: string): number {
  const [, year, month = "01", day = "01", time = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  if (!year) return Number.NaN;
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript rolls 30 February over into March; a day that does not exist is a mistake, not a date.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return Number.NaN;
  return Date.parse(
    `${year}-${month}-${day}T${time}${zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2").toUpperCase()}`,
  );
}

/**
 * Reads a date a source wrote: ISO 8601, RFC 5322, or Unix time in seconds or milliseconds.
 * Undefined when it cannot be read or lies more than two days after `now`: a paper is worth more than its date.
 */
export function readDate(value: string | number | undefined, now: Date): Date | undefined {
  if (value === undefined) return undefined;
  const instant =
    typeof value === "number"
      ? value * (Math.abs(value) < 1e11 ? 1000 : 1)
      : RFC_5322.test(value.trim())
        ? Date.parse(value.trim())
        : isoInstant(value.trim());
  return instant <= now.getTime() + MAX_AHEAD_MS ? new Date(instant) : undefined;
}
