/** Fields of one group, names in lower case, values unfolded, in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,60}$/;
const MAX_LINES = 5_000;

/** One group of `Name: value` lines as in RFC 5322 section 2.2; what is no field is passed over. */
export function readFields(text: string): Fields {
  const fields = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trimEnd();
    if (NAME.test(name)) {
      const key = name.toLowerCase();
      last = fields.get(key) ?? [];
      last.push(line.slice(colon + 1).trim());
      fields.set(key, last);
    } else if (/^[ \t]/.test(line) && last) {
      last[last.length - 1] = `${last.at(-1)} ${line.trim()}`;
    }
  }
  return fields;
}

/**
 * The groups of a message/delivery-status body: separated by blank lines (RFC 3464 section 2.1), and by a second
 * `Final-Recipient` where a system forgot the blank line.
 */
export function readGroups(text: string): Fields[] {
  const groups: string[][] = [[]];
  let named = false;
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const blank = line.trim() === "";
    const recipient = /^final-recipient[ \t]*:/i.test(line);
    if (blank || (recipient && named)) {
      groups.push([]);
      named = false;
    }
    named ||= recipient;
    if (!blank) groups.at(-1)?.push(line);
  }
  return groups.filter((lines) => lines.length > 0).map((lines) => readFields(lines.join("\n")));
}

/** The first value of a field, or the empty string. */
export function first(fields: Fields, name: string): string {
  return fields.get(name)?.[0] ?? "";
}

/** All values of some fields. */
export function all(fields: Fields, ...names: readonly string[]): string[] {
  return names.flatMap((name) => fields.get(name) ?? []);
}

/** The header of a message: what stands before the first blank line. */
export function headerOf(message: string): string {
  const start = message.replace(/^(?:[ \t]*\r?\n)+/, "").replace(/^>?From [^\n]*\n/, "");
  return start.split(/\r?\n[ \t]*\r?\n/, 1)[0] ?? "";
}
