import { type DkimRecord, type DkimSettings, dkimRecord } from "../dkim.ts";
import { none, type Resolver, textsAt } from "./resolver.ts";
import { ok, type Verdict, warning, wrong } from "./verdict.ts";

/** Whether what a key signs can be verified. */
export async function dkimOf(key: DkimSettings, resolver: Resolver): Promise<Verdict> {
  const wanted = recordOf(key);
  if (wanted instanceof Error) return wrong(`the key cannot sign: ${wanted.message}`);
  const { name, value } = wanted;
  const published = await textsAt(name, resolver);
  const keys = published.map(publicKeyOf).filter((text) => text !== undefined);
  if (keys.length === 0) return wrong(`publish TXT at ${name}: ${value}`);
  if (keys.includes(publicKeyOf(value) ?? "")) return ok(`${name} is published`);
  if (keys.every((text) => text === "")) return wrong(`the key at ${name} is revoked; publish ${value}`);
  return wrong(`${name} holds another key than the one that signs; publish ${value}`);
}

function recordOf(key: DkimSettings): DkimRecord | Error {
  try {
    return dkimRecord(key);
  } catch (error) {
    return error as Error;
  }
}

const publicKeyOf = (record: string) => /(?:^|;)\s*p=([^;]*)/.exec(record)?.[1]?.replace(/\s/g, "");

/** The domain's own policy, else that of a domain above it. */
export async function dmarcOf(domain: string, resolver: Resolver): Promise<Verdict> {
  const labels = domain.split(".");
  for (let up = 0; up < labels.length - 1; up++) {
    const at = `_dmarc.${labels.slice(up).join(".")}`;
    const records = (await textsAt(at, resolver)).filter((text) => /^v=DMARC1\b/i.test(text));
    if (records.length > 1)
      return wrong(
        `${at} has ${records.length} DMARC records, which count as none (RFC 7489, 6.6.3): keep one`,
      );
    if (records[0] !== undefined) return ok(`${at}: ${records[0]}`);
  }
  return wrong(`publish TXT at _dmarc.${domain}: v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}`);
}

/** Whether what comes back has somewhere to go. */
export async function mxOf(domain: string, resolver: Resolver): Promise<Verdict> {
  const exchanges = await none(resolver.resolveMx(domain));
  const names = (exchanges ?? [])
    .map(({ exchange }) => exchange)
    .filter((name) => name !== "" && name !== ".");
  return names.length > 0
    ? ok(`${domain} takes mail at ${names.join(", ")}`)
    : warning(`${domain} has no MX record, so what comes back is lost: publish one that names a mail server`);
}
