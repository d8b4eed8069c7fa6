import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type FrozenSection, publicPages } from "@paperboy/core";
import { PrismaPg } from "@prisma/adapter-pg";
import { Queue, Worker } from "bullmq";
import Handlebars from "handlebars";
import mjml2html from "mjml";
import { openPlainPool } from "./day-loop.ts";
import { CONNECTIONS, type DayOrder, PROJECT, type Prepared } from "./day-order.ts";

interface UsualPaper {
  readonly id: number;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly url: string;
}

interface UsualDelivery {
  readonly id: string;
  readonly edition: string;
  readonly subscriptionId: string;
  readonly plannedAt: Date;
  readonly subscription: { readonly manageRevision: number; readonly subscriber: { readonly email: string } };
}

/** As much of the generated client as this uses. */
interface Client {
  readonly delivery: {
    findMany(query: object): Promise<UsualDelivery[]>;
    findUniqueOrThrow(query: object): Promise<UsualDelivery>;
    update(query: object): Promise<unknown>;
  };
  readonly digest: { findUniqueOrThrow(query: object): Promise<{ readonly sections: unknown }> };
  readonly paper: { findMany(query: object): Promise<UsualPaper[]> };
  $disconnect(): Promise<void>;
}

/**
 * The usual pipeline, written with care: editions are planned already; a BullMQ job a mail, as many at once as there are connections,
 * each of which reads its rows with Prisma, fills a template that was compiled once, sends through Nodemailer's pool and updates its
 * row. It promises less: a job that dies after the mail went out sends it again.
 */
export async function prepareUsual(order: DayOrder): Promise<Prepared> {
  const { PrismaClient } = await import(
    pathToFileURL(join(PROJECT, "packages/db/dist/generated/client.js")).href
  );
  const client: Client = new PrismaClient({
    adapter: new PrismaPg({ connectionString: order.databaseUrl, max: 10 }),
  });
  const pool = openPlainPool(order);
  const fill = await compileTemplate();
  const { hostname: host, port } = new URL(order.redisUrl ?? "");
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue("mails", { connection });
  const pages = publicPages("https://papers.example.org", [
    { id: "bench", secret: "0123456789abcdef".repeat(2) },
  ]);

  const sendOne = async (id: string): Promise<void> => {
    const include = { subscription: { include: { subscriber: true } } };
    const delivery = await client.delivery.findUniqueOrThrow({ where: { id }, include });
    const digest = await client.digest.findUniqueOrThrow({ where: { id } });
    const sections = digest.sections as readonly FrozenSection[];
    const ids = sections.flatMap((section) => section.papers.map((paper) => paper.id));
    const papers = await client.paper.findMany({ where: { id: { in: ids } } });
    const links = pages.digest({ ...delivery, manageRevision: delivery.subscription.manageRevision });
    const view = viewOf(delivery.edition, sections, new Map(papers.map((paper) => [paper.id, paper])), links);
    const { response, messageId } = await pool.sendMail({
      from: "Paperboy <digest@papers.example.org>",
      to: delivery.subscription.subscriber.email,
      subject: view.subject,
      html: fill(view),
      text: textOf(view),
      list: { unsubscribe: { url: links.unsubscribe } },
    });
    const data = { status: "submitted", response, messageId, submittedAt: new Date() };
    await client.delivery.update({ where: { id }, data });
  };

  let close = async () => {};
  return {
    run: async () => {
      const due = await client.delivery.findMany({ where: { status: "pending" }, select: { id: true } });
      let sent = 0;
      const worker = new Worker<{ id: string }>("mails", ({ data }) => sendOne(data.id), {
        connection,
        concurrency: CONNECTIONS,
        autorun: false,
      });
      close = () => worker.close();
      const finished = new Promise<void>((resolve, reject) => {
        worker.on("completed", () => ++sent === due.length && resolve());
        worker.on("failed", (_job, error) => reject(error));
      });
      for (let at = 0; at < due.length; at += 1_000) {
        const jobs = due.slice(at, at + 1_000).map(({ id }) => ({
          name: "mail",
          data: { id },
          opts: { removeOnComplete: true, attempts: 3 },
        }));
        await queue.addBulk(jobs);
      }
      if (due.length === 0) return { sent, planSeconds: 0 };
      void worker.run();
      await finished;
      return { sent, planSeconds: 0 };
    },
    close: async () => {
      await close();
      await queue.close();
      pool.close();
      await client.$disconnect();
    },
  };
}

type View = ReturnType<typeof viewOf>;

/** The template of the service itself, compiled once. */
async function compileTemplate(): Promise<(view: View) => string> {
  const filePath = join(PROJECT, "templates/digest.mjml");
  const compiled = await mjml2html(readFileSync(filePath, "utf8"), { filePath, ignoreIncludes: false });
  const handlebars = Handlebars.create();
  handlebars.registerHelper("paper", function (this: unknown, { fn }: Handlebars.HelperOptions) {
    return fn(this);
  });
  return handlebars.compile<View>(compiled.html);
}

function viewOf(
  edition: string,
  sections: readonly FrozenSection[],
  papers: ReadonlyMap<number, UsualPaper>,
  links: object,
) {
  const shown = sections.map((section) => ({
    name: section.name,
    query: section.query,
    summary: `${section.total} new papers`,
    papers: section.papers.flatMap(({ id, matched }) => {
      const paper = papers.get(id);
      return paper === undefined ? [] : [cardOf(paper, matched)];
    }),
    more: "",
    moreUrl: "",
  }));
  const count = shown.reduce((sum, { papers }) => sum + papers.length, 0);
  const subject = `${shown.map(({ name }) => name).join(", ")}: ${count} new papers`.slice(0, 120);
  return {
    subject,
    preheader: "",
    day: edition,
    count: `${count} new papers`,
    links,
    sections: shown,
    notes: [],
  };
}

/** As much of an abstract as the service shows. */
const EXCERPT = 420;

const cardOf = (paper: UsualPaper, matched: readonly string[]) => ({
  title: paper.title,
  url: paper.url,
  kicker: paper.categories.join(", "),
  authors: paper.authors.slice(0, 4).join(", "),
  abstract: paper.abstract.slice(0, EXCERPT),
  matched: matched.join(", "),
  pdfUrl: paper.url,
});

const textOf = ({ sections }: View): string =>
  sections
    .flatMap(({ name, papers }) => [
      name,
      ...papers.map(
        (card) => `${card.title}\n${card.authors}\n${card.abstract}\nMatched: ${card.matched}\n${card.url}\n`,
      ),
    ])
    .join("\n\n");
