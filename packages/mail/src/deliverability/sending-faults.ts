import { domainOf } from "@paperboy/core";
import { isAligned } from "./alignment.ts";

/** What is looked at before mail may leave this machine. */
export interface SendingSettings {
  /** Address that mails come from. */
  readonly from: string;
  /** Domain of the return path, where bounces go elsewhere than to `from`. */
  readonly envelopeDomain?: string | undefined;
  readonly publicUrl: string;
  readonly dkim: readonly { readonly domain: string }[];
  /** Faults that the operator has allowed. */
  readonly allow?: Partial<Record<SendingFault["name"], boolean>>;
}

/** A setting with which mail should not leave this machine. */
export interface SendingFault {
  readonly name: "https" | "dkim" | "alignment";
  /** Begins with the setting. */
  readonly what: string;
  /** One line: what is wrong, how to repair it, how to allow it. */
  readonly says: string;
  /** The operator wants it so. */
  readonly allowed: boolean;
}

/** The setting that allows each fault. */
export const ALLOWED_BY: Readonly<Record<SendingFault["name"], string>> = {
  https: "PAPERBOY_ALLOW_HTTP",
  dkim: "PAPERBOY_ALLOW_UNSIGNED",
  alignment: "PAPERBOY_ALLOW_UNALIGNED",
};

/**
 * What keeps mail from being taken as ours: an address readers reach over plain http (RFC 8058 wants https), no
 * signature (RFC 6376), a signature and a return path that both belong to somebody else (RFC 7489 section 3.1).
 */
export async function sendingFaults(settings: SendingSettings): Promise<SendingFault[]> {
  const found = [httpsFault(settings), dkimFault(settings), await alignmentFault(settings)];
  return found.flatMap((fault) => {
    if (fault === null) return [];
    const { name, what, repair, unless = "" } = fault;
    const says = `${what}: ${repair}, or set ${ALLOWED_BY[name]}=1${unless}`;
    return [{ name, what, says, allowed: settings.allow?.[name] === true }];
  });
}

interface Found extends Pick<SendingFault, "name" | "what"> {
  readonly repair: string;
  /** When it is right to allow it. */
  readonly unless?: string;
}

function httpsFault({ publicUrl }: SendingSettings): Found | null {
  if (/^https:\/\//i.test(publicUrl)) return null;
  return {
    name: "https",
    what: `PUBLIC_URL is ${publicUrl}, and one-click unsubscribing wants https`,
    repair: "put a proxy with a certificate in front and give its https address",
  };
}

function dkimFault({ dkim }: SendingSettings): Found | null {
  if (dkim.length > 0) return null;
  return {
    name: "dkim",
    what: "DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY are not set, so mails are not signed",
    repair: "set them",
    unless: " when the relay signs for you",
  };
}

/** The domain a mail comes back to. */
export const envelopeDomainOf = ({
  from,
  envelopeDomain,
}: Pick<SendingSettings, "from" | "envelopeDomain">): string => envelopeDomain ?? domainOf(from);

async function alignmentFault(settings: SendingSettings): Promise<Found | null> {
  const { from, dkim } = settings;
  const [domain, envelopeDomain] = [domainOf(from), envelopeDomainOf(settings)];
  for (const other of [...dkim.map((key) => key.domain), envelopeDomain])
    if (await isAligned(domain, other)) return null;
  const signer = dkim[0]?.domain ?? "not set";
  return {
    name: "alignment",
    what: `MAIL_FROM is at ${domain}, but neither DKIM_DOMAIN (${signer}) nor the return path (${envelopeDomain}) belongs to it, so DMARC fails`,
    repair: `sign with a key for DKIM_DOMAIN=${domain}`,
  };
}
