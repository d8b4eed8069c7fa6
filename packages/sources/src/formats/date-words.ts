/** Months as feeds name them, in English and in the languages whose blog software writes them out; without accents. */
const MONTH_NAMES: readonly (readonly string[])[] = [
  ["jan", "january", "januar", "janvier", "janv", "enero", "ene", "gennaio", "gen", "janeiro", "januari"],
  ["feb", "february", "februar", "fevrier", "fevr", "febrero", "febbraio", "fevereiro", "fev", "februari"],
  ["mar", "march", "marz", "maerz", "mrz", "mars", "marzo", "marco", "maart", "mrt"],
  ["apr", "april", "avril", "avr", "abril", "abr", "aprile"],
  ["may", "mai", "mayo", "maggio", "mag", "maio", "mei"],
  ["jun", "june", "juni", "juin", "junio", "giugno", "giu", "junho"],
  ["jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho"],
  ["aug", "august", "aout", "agosto", "ago", "augustus"],
  ["sep", "sept", "september", "septembre", "septiembre", "settembre", "set", "setembro"],
  ["oct", "october", "okt", "oktober", "octobre", "octubre", "ottobre", "ott", "outubro", "out"],
  ["nov", "november", "novembre", "noviembre", "novembro"],
  ["dec", "december", "dez", "dezember", "decembre", "diciembre", "dic", "dicembre", "dezembro"],
];
const MONTHS: ReadonlyMap<string, number> = new Map(
  MONTH_NAMES.flatMap((names, place) => names.map((name) => [name, place + 1] as const)),
);

/** The number of a month, from 1; null when the word names none. */
export const monthOf = (word: string): number | null => MONTHS.get(word.replace(/\.$/, "")) ?? null;

/** Hours east of Greenwich: RFC 822's zones (section 5.1), and others that feeds name and that mean one thing. */
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  wet: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  bst: 1,
  cet: 1,
  met: 1,
  west: 1,
  cest: 2,
  mest: 2,
  mesz: 2,
  mez: 1,
  eet: 2,
  eest: 3,
  msk: 3,
  jst: 9,
  kst: 9,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
};
/** Names of a zone in winter and summer alike. */
const SEASONAL: Readonly<Record<string, string>> = {
  at: "America/Halifax",
  et: "America/New_York",
  ct: "America/Chicago",
  mt: "America/Denver",
  pt: "America/Los_Angeles",
};

/** Minutes east of Greenwich at a wall-clock time; null for what is no zone. */
export type Offset = (wallClock: number) => number;

const NUMERIC = /^(?:gmt|utc|ut|z)?([-+])(\d{1,2})(?::?(\d{2}))?z?$/;

/**
 * Reads a zone, in lower case: an offset, RFC 822's names and letters, names of the tz database, or nothing, which is UTC.
 * Another short name says nothing that is known, and is read as UTC (RFC 5322, section 4.3). Null for anything else.
 */
export function offsetOf(zone: string): Offset | null {
  if (zone === "" || zone === "etc/gmt" || zone === "etc/utc") return () => 0;
  const [found, sign, hours, minutes = "0"] = NUMERIC.exec(zone) ?? [];
  if (found !== undefined) return numericOffset(sign === "-", Number(hours), Number(minutes));
  // RFC 822 had the signs of the military's letters wrong, so that they are all read as UTC (RFC 5322, section 4.3).
  if (/^[a-ik-z]$/.test(zone)) return () => 0;
  if (Object.hasOwn(ZONES, zone)) return () => (ZONES[zone] as number) * 60;
  if (Object.hasOwn(SEASONAL, zone)) return namedOffset(SEASONAL[zone] as string);
  if (zone.includes("/")) return namedOffset(zone);
  return /^[a-z]{3,4}$/.test(zone) ? () => 0 : null;
}

/** From UTC-12 to UTC+14: the farthest there are. */
function numericOffset(isWest: boolean, hours: number, minutes: number): Offset | null {
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > (isWest ? 12 : 14) * 60) return null;
  return () => (isWest ? -total : total);
}

function namedOffset(timeZone: string): Offset | null {
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
  const at = (instant: number): number => {
    const name = clock.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
    const [, sign, hours = "0", minutes = "0"] = /^GMT([-+])(\d\d):(\d\d)/.exec(name) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
  // The offset depends on the instant and the instant on the offset; once more settles all but the hour that is skipped.
  return (wallClock) => at(wallClock - at(wallClock) * 60_000);
}
