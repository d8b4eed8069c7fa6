import { type DkimSettings, dkimRecord } from "../dkim.ts";

/** The part of `node:dns/promises` that is asked; tests bring their own. */
export interface Resolver {
  resolveTxt(name: string): Promise<string[][]>;
  resolveMx(name: string): Promise<{ readonly exchange: string }[]>;
}

export interface DeliverabilityInput {
  /** Address that mails come from. */
  readonly from: string;
  /** Domain of the return path; that of `from` unless bounces go elsewhere. */
  readonly envelopeDomain: string;
  readonly publicUrl: string;
  readonly dkim: readonly DkimSettings[];
}

/** One thing that mailbox providers look at. */
export interface DeliverabilityCheck {
  readonly name: "https" | "alignment" | "spf" | "dkim" | "dmarc" | "mx";
  /** `warning`: mail arrives, but not as well as it could, or nobody could be asked. */
  readonly level: "ok" | "warning" | "error";
  /** One line for people; says what to publish when something is missing. */
  readonly says: string;
}

type Verdict = Omit<DeliverabilityCheck, "name">;
const ok = (says: string): Verdict => ({ level: "ok", says });
const warning = (says: string): Verdict => ({ level: "warning", says });
const wrong = (says: string): Verdict => ({ level: "error", says });

/**
 * Looks at what a sender has to publish: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), a way back for bounces, and
 * an https address for one-click unsubscribing (RFC 8058). A name server that does not answer is a warning.
 */
export async function checkDeliverability(
  input: DeliverabilityInput,
  resolver: Resolver,
): Promise<DeliverabilityCheck[]> {
  const domain = input.from.slice(input.from.lastIndexOf("@") + 1).toLowerCase();
  const keys = input.dkim.map((key) => ({ key, name: "dkim" as const }));
  return Promise.all([
    named("https", async () => httpsOf(input.publicUrl)),
    named("alignment", async () => alignmentOf(domain, input)),
    named("spf", () => spfOf(input.envelopeDomain, resolver)),
    ...(keys.length === 0
      ? [
          named("dkim", async () =>
            wrong("mails are not signed: set DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY"),
          ),
        ]
      : keys.map(({ key, name }) => named(name, () => dkimOf(key, resolver)))),
    named("dmarc", () => dmarcOf(domain, resolver)),
    named("mx", () => mxOf(input.envelopeDomain, resolver)),
  ]);
}

async function named(
  name: DeliverabilityCheck["name"],
  look: () => Promise<Verdict>,
): Promise<DeliverabilityCheck> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { name, ...warning(`could not be asked: ${code ?? message}`) };
  }
}

function httpsOf(publicUrl: string): Verdict {
  return publicUrl.startsWith("https://")
    ? ok(publicUrl)
    : wrong(`PUBLIC_URL is ${publicUrl}: one-click unsubscribing wants https`);
}

/** Relaxed alignment: one domain is the other, or stands above it. */
function alignmentOf(domain: string, { envelopeDomain, dkim }: DeliverabilityInput): Verdict {
  const signed = dkim.filter((key) => isAligned(domain, key.domain));
  const sent = isAligned(domain, envelopeDomain);
  if (signed.length > 0) return ok(`${domain} is what DKIM signs for`);
  if (sent) return warning(`${domain} is aligned by its return path only; forwarding will break that`);
  return wrong(
    `neither DKIM_DOMAIN nor the return path (${envelopeDomain}) belongs to ${domain}: DMARC fails`,
  );
}

function isAligned(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || x.endsWith(`.${y}`) || y.endsWith(`.${x}`);
}

async function spfOf(domain: string, resolver: Resolver): Promise<Verdict> {
  const records = (await txt(resolver, domain)).filter((text) => /^v=spf1(?: |$)/i.test(text));
  const [record] = records;
  if (record === undefined) return wrong(`publish TXT at ${domain}: v=spf1 include:<your relay> -all`);
  if (records.length > 1)
    return wrong(`${domain} has ${records.length} SPF records; only one may stand (RFC 7208, 4.5)`);
  if (/(?:^| )\+?all(?: |$)/i.test(record))
    return wrong(`${domain} lets everybody send in its name: ${record}`);
  const ends = /(?:^| )[-~]all(?: |$)|(?:^| )redirect=/i.test(record);
  return ends ? ok(record) : warning(`${record} says nothing of other senders; end it with -all or ~all`);
}

async function dkimOf(key: DkimSettings, resolver: Resolver): Promise<Verdict> {
  const { name, value } = dkimRecord(key);
  const published = await txt(resolver, name);
  const tag = (text: string) => /(?:^|;)\s*p=([^;]*)/.exec(text)?.[1]?.replace(/\s/g, "");
  const keys = published.map(tag).filter((text) => text !== undefined);
  if (keys.length === 0) return wrong(`publish TXT at ${name}: ${value}`);
  if (keys.includes(tag(value) ?? "")) return ok(`${name} is published`);
  if (keys.every((text) => text === "")) return wrong(`the key at ${name} is revoked; publish ${value}`);
  return wrong(`${name} holds another key than the one that signs; publish ${value}`);
}

/** The domain's own policy, else that of a domain above it. */
async function dmarcOf(domain: string, resolver: Resolver): Promise<Verdict> {
  const labels = domain.split(".");
  for (let up = 0; up < labels.length - 1; up++) {
    const at = `_dmarc.${labels.slice(up).join(".")}`;
    const record = (await txt(resolver, at)).find((text) => /^v=DMARC1\b/i.test(text));
    if (record !== undefined) return ok(`${at}: ${record}`);
  }
  return wrong(`publish TXT at _dmarc.${domain}: v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}`);
}

async function mxOf(domain: string, resolver: Resolver): Promise<Verdict> {
  const exchanges = await none(resolver.resolveMx(domain));
  const names = (exchanges ?? [])
    .map(({ exchange }) => exchange)
    .filter((name) => name !== "" && name !== ".");
  return names.length > 0
    ? ok(`${domain} takes mail at ${names.join(", ")}`)
    : warning(`${domain} has no MX record: what comes back is lost`);
}

async function txt(resolver: Resolver, name: string): Promise<string[]> {
  return ((await none(resolver.resolveTxt(name))) ?? []).map((parts) => parts.join(""));
}

/** Null when the name or the record does not exist; anything else that goes wrong is thrown. */
async function none<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "ENODATA") return null;
    throw error;
  }
}
