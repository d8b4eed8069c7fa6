const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const LONGEST = 1000;

/** The address in canonical spelling when a mail may link to it (http, https, mailto, not endless); else null. */
export function safeUrl(text: string | null): string | null {
  if (text === null || text.length > LONGEST || !URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return SCHEMES.has(protocol) && href.length <= LONGEST ? href : null;
}
