/** A value in COPY's text format (PostgreSQL manual, "COPY"): tabs between columns, `\N` for null, backslash escapes. */
export function copyField(value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  const text = Array.isArray(value) ? `{${value.map(arrayItem).join(",")}}` : String(value);
  return text.replace(/[\\\n\r\t]/g, escaped);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escaped = (character: string) => ESCAPES[character] as string;
const arrayItem = (item: string | number) =>
  typeof item === "number" ? String(item) : `"${item.replace(/["\\]/g, "\\$&")}"`;
