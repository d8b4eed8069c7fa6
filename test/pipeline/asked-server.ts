import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createFetcher } from "@paperboy/sources";

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** A server that sources are read from, a fetcher to ask it with, and what was asked and waited for. */
export function createAskedServer() {
  const asked: string[] = [];
  const waits: number[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? "");
    asking.answer(req, res);
  });
  const fetcher = createFetcher({
    userAgent: "Paperboy/1.0 (+http://papers.test; mailto:ops@example.org)",
    allowPrivate: true,
  });
  const asking = {
    /** What the server answers from now on. */
    answer: ((_req, res) => void res.writeHead(404).end()) as Answer,
    asked,
    waits,
    ports: { fetcher, wait: async (ms: number) => void waits.push(ms) },
    /** Begins to listen; gives the address. */
    listen: async (): Promise<string> => {
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: async () => {
      await fetcher.close();
      server.closeAllConnections();
      server.close();
    },
  };
  return asking;
}

export const xml = (res: ServerResponse, text: string) =>
  res.setHeader("content-type", "application/xml").end(text);

export const rss = (...items: string[]) =>
  `<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel><title>cs.CL</title>${items.join("")}</channel></rss>`;

/** An item of arXiv's feed. */
export const item = (id: string, version: number, title: string, type = "new") =>
  `<item><title>${title}</title><link>https://arxiv.org/abs/${id}</link><description>arXiv:${id}v${version} Announce Type: ${type} \nAbstract: About sourcequarks.</description><guid isPermaLink="false">oai:arXiv.org:${id}v${version}</guid><arxiv:announce_type>${type}</arxiv:announce_type></item>`;
