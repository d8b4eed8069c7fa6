/**
 * The organisational domain of a name (RFC 7489 section 3.2): one label more than its public suffix, by the Public
 * Suffix List. A name that has none, such as a suffix itself, stands for itself.
 */
export async function organisationalDomain(name: string): Promise<string> {
  // The list takes 13 MB of memory, and a service whose names are equal needs none of it.
  const { getDomain } = await import("tldts");
  const lower = name.toLowerCase();
  return getDomain(lower, { allowPrivateDomains: true }) ?? lower;
}

/** Relaxed alignment (RFC 7489 section 3.1): both names belong to one organisational domain. */
export async function isAligned(a: string, b: string): Promise<boolean> {
  if (a.toLowerCase() === b.toLowerCase()) return true;
  return (await organisationalDomain(a)) === (await organisationalDomain(b));
}
