import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type BounceReport, readBounce } from "../src/index.ts";

// Recorded mails that are not part of the project; the other tests stand without them.
const MAILS = fileURLToPath(new URL("../../../../shared/data/bounces/", import.meta.url));
const DOCS = fileURLToPath(new URL("../../../docs/bounces.md", import.meta.url));

/** What each mail says, looked at one by one. A mail that is not named is a soft failure. */
const HARD = `
  activehunter-02 amazonses-10 amazonworkmail-01 courier-01 dragonfly-24 exchange2003-04 exim-59 ezweb-04 gmail-01
  imailserver-03 mailfoundry-01 mailru-04 messagingserver-01 mfilter-01 notes-03 outlook-03 postfix-01 postfix-07
  postfix-14 postfix-30 postfix-36 qmail-01 qmail-13 qmail-25 sendmail-01 sendmail-19 sendmail-26 sendmail-32 sendmail-50
  v5sendmail-02 verizon-01 x2-01 yahoo-03 yahoo-09 yandex-01 rfc3464-53 rfc3464-59 rfc3464-65 rhost-aol-05 rhost-apple-05
  rhost-franceptt-02 rhost-google-01 rhost-google-07 rhost-gsuite-05 rhost-kddi-01 rhost-microsoft-02 rhost-outlook-03
  rhost-yahooinc-03`;
const OTHERS: Readonly<Record<string, string>> = {
  "soft, a warning": "exim-41 gmail-08 gmail-17 messagingserver-07 zoho-04 rfc3464-07",
  complaint: "arf-01 arf-16 arf-22",
  ignored: "rfc3834-05",
};

const words = (text: string) => text.trim().split(/\s+/);
const kindOf = ({ kind, delayed }: BounceReport) => (delayed ? `${kind}, a warning` : kind);

async function readAll(): Promise<Map<string, BounceReport>> {
  const found = new Map<string, BounceReport>();
  for (const file of readdirSync(MAILS).sort()) {
    found.set(file.replace(/^lhost-|\.eml$/g, ""), await readBounce(readFileSync(MAILS + file)));
  }
  return found;
}

/** Counts by kind (rows) and way (DSN, ARF, words), as the page for operators has them. */
function tableOf(reports: Iterable<BounceReport>): Record<string, number[]> {
  const table: Record<string, number[]> = {};
  for (const report of reports) {
    const row = table[kindOf(report)] ?? [0, 0, 0, 0];
    const way = ["dsn", "arf", "text"].indexOf(report.format);
    row[way] = (row[way] ?? 0) + 1;
    row[3] = (row[3] ?? 0) + 1;
    table[kindOf(report)] = row;
  }
  return table;
}

function tableInDocs(): Record<string, number[]> {
  const rows = readFileSync(DOCS, "utf8").matchAll(/^\| `?([a-z, ]+?)`? *\|((?: *\d+ *\|){4})$/gm);
  return Object.fromEntries(
    [...rows].map(([, kind, cells]) => [kind, words((cells ?? "").replaceAll("|", " ")).map(Number)]),
  );
}

describe.skipIf(!existsSync(MAILS))("105 recorded mails", () => {
  test("mean what they say", async () => {
    const expected = new Map(words(HARD).map((name) => [name, "hard"]));
    for (const [kind, names] of Object.entries(OTHERS))
      for (const name of words(names)) expected.set(name, kind);
    const found = await readAll();
    expect(found.size).toBe(105);
    const wrong = [...found].filter(([name, report]) => kindOf(report) !== (expected.get(name) ?? "soft"));
    expect(wrong).toEqual([]);
  });

  test("name the reader they are about, and why", async () => {
    for (const [name, report] of await readAll()) {
      if (report.kind !== "hard" && report.kind !== "soft") continue;
      expect(report.recipients, name).not.toEqual([]);
      expect(report.reason, name).toMatch(/^\S.{5,239}$/u);
      if (report.kind === "hard") expect(report.status, name).toMatch(/^5\.(?:1|2|4)\.\d+$/);
    }
  });

  test("are counted in the documentation as they are read", async () => {
    expect(tableInDocs()).toEqual(tableOf((await readAll()).values()));
  });
});
