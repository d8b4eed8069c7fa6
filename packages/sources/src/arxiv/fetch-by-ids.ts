import { parseOaiPage } from "../formats/off-thread.ts";
import type { ReadRecord } from "../formats/outcome.ts";
import type { ReaderPorts } from "../readers/reader.ts";
import { ask, Unanswered } from "./ask.ts";
import { type DaySpan, firstPage, idOf, MAX_PAGES, readSlices } from "./listings.ts";
import type { Places } from "./places.ts";
import type { ArxivScope } from "./scope.ts";

/** Ids that one question to the API names. */
const IDS_AT_ONCE = 100;

/**
 * Fetches papers by id: from the API, and what it does not give from OAI-PMH, where all that changed in the span is read
 * for it. Gives what was found; faults say why it is not all.
 */
export async function fetchByIds(
  ids: ReadonlySet<string>,
  scope: ArxivScope,
  places: Places,
  span: DaySpan,
  ports: ReaderPorts,
): Promise<{ readonly records: readonly ReadRecord[]; readonly faults: readonly Unanswered[] }> {
  const found = new Map<string, ReadRecord>();
  const faults: Unanswered[] = [];
  const take = (record: ReadRecord) => {
    const id = record.draft && idOf(record.draft);
    if (id !== undefined && ids.has(id)) found.set(id, record);
  };
  const { api, oai } = places;
  const steps = [
    ...(api === null ? [] : [() => fetchFromApi([...ids], api, ports, take)]),
    ...(oai === null ? [] : [() => harvest(scope, oai, span, ports, take)]),
  ];
  for (const step of steps) {
    if (found.size === ids.size || faults.some(({ isBusy }) => isBusy)) break;
    try {
      await step();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      faults.push(error);
    }
  }
  return { records: [...found.values()], faults };
}

async function fetchFromApi(
  ids: readonly string[],
  base: string,
  ports: ReaderPorts,
  take: (record: ReadRecord) => void,
): Promise<void> {
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const some = ids.slice(at, at + IDS_AT_ONCE).join(",");
    await readSlices(base, { id_list: some }, ports, take);
  }
}

async function harvest(
  scope: ArxivScope,
  base: string,
  span: DaySpan,
  ports: ReaderPorts,
  take: (record: ReadRecord) => void,
): Promise<void> {
  for (const category of scope.categories) {
    let token: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const url = new URL(base);
      url.search = new URLSearchParams(
        token === null
          ? firstPage("ListRecords", category, span, ports.now)
          : { verb: "ListRecords", resumptionToken: token },
      ).toString();
      const answer = await ask(ports, url.href, (body, type) => parseOaiPage(body, ports.now, type));
      for (const record of answer.records) take(record);
      token = answer.resumptionToken;
      if (token === null) break;
    }
  }
}
