import {
  createCollection,
  type ForYou,
  type Paper,
  packProfile,
  prepareForYou,
  tasteBag,
  tasteProfile,
  tellingWords,
} from "@paperboy/core";
import { createMutex } from "../mutex.ts";
import type { Store } from "../store/store.ts";
import type { MarkedText } from "../store/tastes.ts";
import { inSlices } from "./in-slices.ts";

/** Words are judged by this many of the newest papers. */
const MAX_PAPERS = 8_000;
/** The newest papers that may be ranked: what is older is no news to any reader. */
const MAX_CANDIDATES = 2_000;
const PAGE = 1_000;
/** After so many papers the collection is made anew, which forgets the words that only older ones had. */
const RENEWED_AFTER = 40_000;

/** Ranks new papers by what readers marked, and makes tastes of marks. Holds nothing until it is first asked. */
export type TasteLibrary = ReturnType<typeof openTasteLibrary>;

export function openTasteLibrary(store: Pick<Store, "papers" | "tastes">) {
  let collection = createCollection();
  let held: number[] = [];
  let newest: Paper[] = [];
  let highestSeq = 0;
  let joined = 0;
  let prepared: { readonly upTo: number; readonly forYou: ForYou } | null = null;
  /** Work on the collection is done one after the other: nothing joins while it is read. */
  const inTurn = createMutex();

  async function keepUp(): Promise<void> {
    if (joined > RENEWED_AFTER) {
      collection = createCollection();
      [held, newest, highestSeq, joined, prepared] = [[], [], 0, 0, null];
    }
    let from = Math.max(highestSeq, (await store.papers.highestSeq()) - MAX_PAPERS);
    for (;;) {
      const papers = await store.papers.announcedAfter(from, PAGE);
      await inSlices(forEach(papers, (paper) => collection.add(paper.id, tasteBag(paper))));
      held.push(...papers.map(({ id }) => id));
      newest = [...newest, ...papers].slice(-MAX_CANDIDATES);
      joined += papers.length;
      from = highestSeq = Math.max(from, papers.at(-1)?.seq ?? 0);
      if (papers.length < PAGE) break;
    }
    for (const id of held.splice(0, Math.max(0, held.length - MAX_PAPERS))) collection.remove(id);
  }

  async function prepare(): Promise<ForYou> {
    await keepUp();
    if (prepared?.upTo === highestSeq) return prepared.forYou;
    const candidates = newest.filter(({ mailable }) => mailable !== false);
    const forYou = await inSlices(prepareForYou(collection, candidates));
    prepared = { upTo: highestSeq, forYou };
    return forYou;
  }

  async function make(subscriptionId: string): Promise<boolean> {
    const taste = await store.tastes.find(subscriptionId);
    if (taste === null || taste.upToDate) return true;
    await keepUp();
    joined += 1;
    const marked = await store.tastes.texts(subscriptionId);
    const words = new Map<number, Record<string, string>>();
    const find = (text: MarkedText) =>
      words.set(text.markId, Object.fromEntries(tellingWords(collection, text)));
    const without = collection.size > 0 ? marked.filter((text) => text.words === null) : [];
    await inSlices(forEach(without, find));
    const wanted = marked.filter(({ direction }) => direction === "more");
    const bags: ReturnType<typeof tasteBag>[] = [];
    await inSlices(forEach(wanted, (text) => bags.push(tasteBag(text))));
    const profile = packProfile(tasteProfile(collection, bags, taste));
    return store.tastes.keep(subscriptionId, taste.revision, profile, words);
  }

  return {
    /** The ranker of the newest papers, made ready if it is not; works in slices, between which others have the thread. */
    forYou: (): Promise<ForYou> => inTurn(prepare),

    /** Makes the weights of a reader's marks and keeps them; false when the marks changed meanwhile. */
    refreshTaste: (subscriptionId: string): Promise<boolean> => inTurn(() => make(subscriptionId)),
  };
}

function* forEach<Item>(items: Iterable<Item>, work: (item: Item) => unknown): Generator<void, void> {
  for (const item of items) {
    work(item);
    yield;
  }
}
