import { readWorkerConfig } from "@paperboy/worker";
import type { Command } from "commander";
import { importBounces, webhookUrls } from "./commands/bounces.ts";
import { describeCounts, withRuntime } from "./with-runtime.ts";

/** Commands about mails that came back. */
export function addBounceCommands(program: Command): void {
  const bounces = program.command("bounces").description("mails that came back, and complaints");
  bounces
    .command("import")
    .description("read mails that came back from files, folders, or - for stdin")
    .argument("<paths...>")
    .action(
      withRuntime(async (runtime, output, paths: string[]) => {
        const { keys } = readWorkerConfig(runtime.env(0));
        const report = await importBounces(runtime.store, paths, keys, new Date(), output.progress);
        output.result(report, describeCounts(report));
      }),
    );
  bounces
    .command("webhook-url")
    .description("the addresses to give to Amazon SES and Postmark, with their token")
    .action(
      withRuntime(async (runtime, output) => {
        const { keys, publicUrl } = readWorkerConfig(runtime.env(0));
        const urls = webhookUrls(publicUrl, keys);
        output.result(urls, `Amazon SES  ${urls.ses}\nPostmark    ${urls.postmark}`);
      }),
    );
}
