import {
  domainOf,
  type FrozenSection,
  type QueryMatches,
  RELAY,
  type SharedMatches,
  type SubscriptionOrder,
} from "@paperboy/core";
import type { EditionRow, ReaderSchedule, Store, SubscriptionView } from "@paperboy/db";
import { CARRIED_MS, type TopicMatcher } from "../stages/plan.ts";
import { type EditionStory, editionOn, type ReaderFacts, type UnjudgedFacts } from "./story.ts";
import { topicStories } from "./topic-stories.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What the story of a reader asks of the store. */
export interface StoryStore {
  readonly subscriptions: Pick<Store["subscriptions"], "find" | "findByAddress">;
  readonly stories: Store["stories"];
  readonly suppressions: Pick<Store["suppressions"], "find">;
  readonly deliveries: Pick<Store["deliveries"], "findDigest">;
  readonly papers: Pick<Store["papers"], "byIds" | "seqAt">;
  readonly destinations: Pick<Store["destinations"], "list">;
}

/** Why a reader got what they got, or nothing. */
export interface ReaderStory extends ReaderFacts, Verdict {}

/**
 * Tells the story of one edition of a reader: of a local date, or else of the newest that was planned. What topics matched is found
 * again by the papers that are here now; what stood in the edition is what was frozen. Null when nothing is kept about the address.
 */
export async function tellReaderStory(
  store: StoryStore,
  index: TopicMatcher,
  address: string,
  { date, now }: { readonly date?: string | undefined; readonly now: Date },
): Promise<ReaderStory | null> {
  const id = await store.subscriptions.findByAddress(address);
  const view = id === null ? null : await store.subscriptions.find(id);
  const schedule = id === null ? null : await store.stories.schedule(id);
  if (id === null || view === null || schedule === null) return null;
  const editions = await store.stories.editions(id);
  const asked = date ?? editions.at(-1)?.date ?? schedule.nextDate;
  const domain = domainOf(view.email);
  const destinations = await store.destinations.list(now);
  const suppression = await store.suppressions.find(view.email);
  const { status, order, createdAt, confirmedAt, unsubscribedAt, pausedUntil } = view;
  const facts: UnjudgedFacts = {
    email: view.email,
    subscriptionId: id,
    status,
    order,
    createdAt,
    confirmedAt,
    unsubscribedAt,
    pausedUntil,
    suppressed: suppression && {
      reason: suppression.reason,
      detail: suppression.detail,
      createdAt: suppression.createdAt,
    },
    confirmation: await store.stories.delivery(id, "confirmation", null),
    edition: asked === null ? null : await tellEdition(store, index, view, schedule, editions, asked),
    next: nextOf(schedule),
    sending: destinations.filter(({ key }) => key === RELAY || key === domain),
    editions,
  };
  const { editions: _editions, ...told } = facts;
  return { ...verdictOf(facts, now), ...told };
}

const nextOf = ({ nextDate, nextDueAt }: ReaderSchedule) =>
  nextDate === null || nextDueAt === null ? null : { date: nextDate, dueAt: nextDueAt };

async function tellEdition(
  store: StoryStore,
  index: TopicMatcher,
  { id, order }: SubscriptionView,
  schedule: ReaderSchedule,
  editions: readonly EditionRow[],
  date: string,
): Promise<EditionStory> {
  const row = editions.find((edition) => edition.date === date);
  const digest = row === undefined ? null : await store.deliveries.findDigest(row.id);
  const sections = digest?.sections ?? [];
  const due = editionOn(order, date);
  const isNext = row === undefined && schedule.nextDate !== null && date >= schedule.nextDate;
  const topics =
    row === undefined && !isNext
      ? []
      : await tellTopics(store, index, { order, schedule, editions, date, row, sections });
  const others = sections.filter(({ kind }) => kind !== "topic");
  const titles = await titlesOf(store, [...topics.flatMap(idsIn), ...others.flatMap(idsIn)]);
  const titled = <Each extends { readonly id: number }>(each: Each) => ({
    ...each,
    title: titles.get(each.id) ?? "",
  });
  return {
    date,
    dueAt: due?.dueAt ?? null,
    plannedAt: row?.plannedAt ?? null,
    digestId: digest?.id ?? null,
    notes: digest?.notes ?? [],
    topics: topics.map((topic) => ({ ...topic, papers: topic.papers.map(titled) })),
    sections: others.map(({ kind, name, papers }) => ({
      kind,
      name,
      papers: papers.map(({ id: paperId, reason }) => titled({ id: paperId, reason })),
    })),
    delivery: row === undefined ? null : await store.stories.delivery(id, "digest", date),
  };
}

interface Planned {
  readonly order: SubscriptionOrder;
  readonly schedule: ReaderSchedule;
  readonly editions: readonly EditionRow[];
  readonly date: string;
  readonly row: EditionRow | undefined;
  readonly sections: readonly FrozenSection[];
}

async function tellTopics(
  store: StoryStore,
  index: TopicMatcher,
  { order, schedule, editions, date, row, sections }: Planned,
) {
  await index.refresh();
  const held = index.hold();
  try {
    const at = row?.plannedAt ?? schedule.nextDueAt ?? new Date(0);
    const upToSeq = row === undefined ? held.highestSeq : (row.toSeq ?? (await store.papers.seqAt(at)));
    const afterSeq = await store.papers.seqAt(new Date(at.getTime() - CARRIED_MS));
    const frozen = sections.flatMap(({ query }) => query ?? []);
    const queries = [...frozen, ...order.topics.map(({ query }) => query)];
    return topicStories({
      date,
      topics: order.topics,
      sections,
      isPlanned: row !== undefined,
      maxPapers: order.maxPapers,
      editions,
      watermark: schedule.watermark,
      afterSeq,
      upToSeq,
      seqOf: held.matches.seqOf,
      matches: findAll(held.matches, queries, afterSeq),
    });
  } finally {
    held.release();
  }
}

function findAll(
  matches: SharedMatches,
  queries: readonly string[],
  afterSeq: number,
): ReadonlyMap<string, QueryMatches> {
  const work = matches.find(new Map(queries.map((query) => [query, afterSeq])));
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const idsIn = ({ papers }: { readonly papers: readonly { readonly id: number }[] }): number[] =>
  papers.map(({ id }) => id);

async function titlesOf(store: StoryStore, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const found = await store.papers.byIds([...new Set(ids)]);
  return new Map(found.map(({ id, title }) => [id, title]));
}
