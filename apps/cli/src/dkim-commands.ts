import { dkimRecord, generateDkimKeys } from "@paperboy/mail";
import type { Command } from "commander";
import { createOutput } from "./output.ts";
import { UsageError } from "./usage-error.ts";

/** Commands about the keys that sign mails. */
export function addDkimCommands(program: Command): void {
  const dkim = program.command("dkim").description("keys that sign mails");
  dkim
    .command("new")
    .description("make an RSA and an Ed25519 key; nothing is kept: copy what is printed")
    .argument("<domain>", "the domain of MAIL_FROM, or one above it")
    .action((domain: string, options: { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const { settings, records } = newKeys(domain, new Date());
      const assignments = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
      const published = records.map(({ name, value }) => `${name}  TXT  "${value}"`);
      output.result(
        { settings, records },
        [
          "Settings:",
          "",
          ...assignments,
          "",
          "Publish in DNS, before the settings are used:",
          "",
          ...published,
        ].join("\n"),
      );
    });
}

function newKeys(domain: string, now: Date) {
  try {
    const [rsa, ed] = generateDkimKeys(domain, now);
    const line = (pem: string) => pem.trim().replaceAll("\n", "\\n");
    const settings = {
      DKIM_DOMAIN: domain,
      DKIM_SELECTOR: rsa.selector,
      DKIM_PRIVATE_KEY: line(rsa.privateKey),
      DKIM_ED25519_SELECTOR: ed.selector,
      DKIM_ED25519_PRIVATE_KEY: line(ed.privateKey),
    };
    return { settings, records: [dkimRecord(rsa), dkimRecord(ed)] };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
