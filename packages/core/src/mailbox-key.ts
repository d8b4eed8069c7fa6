/** How a provider reads the part before the `@`, as far as it is published. */
interface Rules {
  /** The domain that stands for all of them: one account has the same name at each. */
  readonly domain: string;
  /** Characters that make no difference in a name. */
  readonly ignored?: readonly string[];
  /** Characters that are read as another one. */
  readonly alike?: Readonly<Record<string, string>>;
}

const GMAIL: Rules = { domain: "gmail.com", ignored: ["."] };
const ICLOUD: Rules = { domain: "icloud.com" };
const PROTON: Rules = { domain: "proton.me", ignored: [".", "-", "_"] };
const YANDEX: Rules = { domain: "yandex.ru", alike: { "-": "." } };
const FASTMAIL: Rules = { domain: "fastmail.com" };

const PROVIDERS = new Map<string, Rules>([
  ["gmail.com", GMAIL],
  ["googlemail.com", GMAIL],
  ["icloud.com", ICLOUD],
  ["me.com", ICLOUD],
  ["mac.com", ICLOUD],
  ["proton.me", PROTON],
  ["protonmail.com", PROTON],
  ["protonmail.ch", PROTON],
  ["pm.me", PROTON],
  ["yandex.ru", YANDEX],
  ["yandex.com", YANDEX],
  ["yandex.by", YANDEX],
  ["yandex.kz", YANDEX],
  ["yandex.ua", YANDEX],
  ["ya.ru", YANDEX],
  ["fastmail.com", FASTMAIL],
  ["fastmail.fm", FASTMAIL],
]);

/** Fastmail reads `anything@name.fastmail.com` as `name@fastmail.com`. */
const SUBDOMAIN_MAILBOX = /^([a-z0-9][a-z0-9_-]*)\.(fastmail\.(?:com|fm))$/;

/**
 * One text for all spellings of a mailbox, as far as anybody can tell from outside: lower case, without what follows a
 * `+` (RFC 5233 calls it the detail), and by the rules of providers that publish theirs. Limits, suppressions and
 * the search for duplicates go by it; mail goes to the address as it was written. The key of a key is the key itself.
 *
 * @param address an address that `parseAddress` takes, or a key.
 */
export function mailboxKey(address: string): string {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf("@");
  const [local, domain] = inSubdomain(lower.slice(0, at), lower.slice(at + 1));
  const rules = PROVIDERS.get(domain);
  const base = withoutDetail(local);
  const name = rules === undefined ? base : applyRules(base, rules);
  return `${name === "" ? local : name}@${rules?.domain ?? domain}`;
}

function inSubdomain(local: string, domain: string): [local: string, domain: string] {
  const [, name, parent] = SUBDOMAIN_MAILBOX.exec(domain) ?? [];
  return name === undefined || parent === undefined ? [local, domain] : [name, parent];
}

/** A name that begins with `+` has no other part, and is kept. */
function withoutDetail(local: string): string {
  const plus = local.indexOf("+");
  return plus > 0 ? local.slice(0, plus) : local;
}

function applyRules(local: string, { ignored = [], alike = {} }: Rules): string {
  const read = [...local].map((character) => alike[character] ?? character);
  return read.filter((character) => !ignored.includes(character)).join("");
}
