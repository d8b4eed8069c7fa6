import { openLibrary } from "@paperboy/db";
import { type Command, Option } from "commander";
import { previewTopic } from "./commands/preview.ts";
import { formatSearch, searchPapers } from "./commands/search.ts";
import type { Runtime } from "./context.ts";
import { TEMPLATES_DIRECTORY } from "./runtime/project-files.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about papers that are there: finding them, trying a topic. */
export function addPaperCommands(program: Command): void {
  program
    .command("announce")
    .description("give new papers their place in the order that digests read")
    .action(
      withRuntime(async ({ store }, output) => {
        const announced = await store.papers.announce(new Date());
        output.result({ announced }, `${announced} papers announced`);
      }),
    );
  program
    .command("search")
    .description("search the announced papers")
    .argument("<query>")
    .option("--limit <n>", "at most this many papers", "20")
    .addOption(new Option("--sort <order>").choices(["relevance", "newest"]).default("relevance"))
    .option("--before <next>", "the page after the one that gave this `next`")
    .action(
      withRuntime(async (runtime, output, query: string, { limit, sort, before }: SearchFlags) => {
        const options = {
          query,
          limit: readCount("--limit", limit),
          sort,
          ...(before !== undefined && { before }),
        };
        const found = await searchPapers(openLibrary(runtime.store), options, publicUrlOf(runtime));
        output.result(found, formatSearch(found));
      }),
    );
  program
    .command("preview")
    .description("what a topic would bring")
    .argument("<query>")
    .option("--out <file>", "write the digest of its papers as HTML")
    .action(
      withRuntime(async (runtime, output, query: string, options: { out?: string }) => {
        const renderer = async () => {
          const { createRenderer } = await import("@paperboy/mail");
          return createRenderer({ templatesDir: TEMPLATES_DIRECTORY, cacheDir: runtime.data.cache });
        };
        const preview = await previewTopic(
          runtime.store,
          { query, publicUrl: publicUrlOf(runtime), renderer, ...options },
          new Date(),
        );
        const lines = [preview.forecast, preview.warning, options.out && `written to ${options.out}`];
        output.result(preview, lines.filter(Boolean).join("\n"));
      }),
    );
}

const publicUrlOf = ({ config, service }: Runtime) =>
  config.env.PUBLIC_URL ?? service?.publicUrl ?? `http://localhost:${config.port}`;

function readCount(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new UsageError(`${option} is a number from 1 to 1000`);
  return value;
}

interface SearchFlags {
  readonly limit: string;
  readonly sort: "relevance" | "newest";
  readonly before?: string;
}
