/** The two commands that may tell how Redis evicts keys. */
export interface PolicySource {
  info(section: "memory"): Promise<string>;
  config(command: "GET", name: "maxmemory-policy"): Promise<unknown>;
}

/**
 * What Redis does when its memory is full, or null when it keeps that to itself: managed services forbid CONFIG,
 * and look-alikes leave the line out of INFO, so each is asked, and a refusal is not an error.
 */
export async function readEvictionPolicy(redis: PolicySource): Promise<string | null> {
  const info = await redis.info("memory").catch(() => "");
  const line = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (line) return line;
  const pair = await redis.config("GET", "maxmemory-policy").catch(() => null);
  return Array.isArray(pair) && typeof pair[1] === "string" ? pair[1] : null;
}
