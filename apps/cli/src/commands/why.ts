import { formatTimeOfDay, parseAddress } from "@paperboy/core";
import { openLibrary, type Store } from "@paperboy/db";
import { type EditionStory, type ReaderStory, type TopicStory, tellReaderStory } from "@paperboy/worker";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";

type Delivery = NonNullable<EditionStory["delivery"]>;

/**
 * The story of one edition of a reader: of `date`, or of the newest that was planned.
 *
 * @throws UsageError for what is no address or no date, and when nothing is kept about the address.
 */
export async function explainReader(
  store: Store,
  email: string,
  date: string | undefined,
  now: Date,
): Promise<ReaderStory> {
  const address = parseAddress(email);
  if (!address.ok) throw new UsageError(`${email}: ${address.reason}`);
  if (date !== undefined && !z.iso.date().safeParse(date).success)
    throw new UsageError(`--date: '${date}' is not a date such as 2026-11-24`);
  const story = await tellReaderStory(store, openLibrary(store), address.address, { date, now });
  if (story === null) throw new UsageError(await nothingKept(store, address.address));
  return story;
}

async function nothingKept({ suppressions }: Pick<Store, "suppressions">, address: string): Promise<string> {
  const known = await suppressions.find(address);
  const told = `nothing is kept about ${address}: it has no subscription, or was erased`;
  if (known === null) return told;
  return `${told}; nothing may be mailed to it since ${known.createdAt.toISOString()} (${known.reason})`;
}

/** The same for people. */
export function formatStory(story: ReaderStory): string {
  const { email, subscriptionId, status, confirmedAt, order, edition } = story;
  const { cadence, localMinute, timezone, maxPapers } = order;
  const since = confirmedAt === null ? "" : ` since ${confirmedAt.toISOString()}`;
  return [
    ...story.says,
    "",
    line("reader", email),
    line("subscription", `${subscriptionId}, ${status}${since}`),
    line("order", `${cadence} at ${formatTimeOfDay(localMinute)} ${timezone}, ${maxPapers} papers at most`),
    ...(edition === null ? [] : formatEdition(edition)),
  ].join("\n");
}

const line = (name: string, text: string) => `${name.padEnd(14)}${text}`;

function formatEdition({
  date,
  dueAt,
  plannedAt,
  topics,
  sections,
  notes,
  delivery,
}: EditionStory): string[] {
  const due = dueAt === null ? "" : `, due at ${dueAt.toISOString()}`;
  const planned = plannedAt === null ? ", not planned" : `, planned at ${plannedAt.toISOString()}`;
  return [
    line("edition", `${date}${due}${planned}`),
    ...topics.flatMap(formatTopic),
    ...sections.flatMap(({ name, papers }) => [
      `  ${name}: ${papers.length} shown`,
      ...papers.map(
        ({ title, reason }) => `    shown          ${title}${reason === null ? "" : `: ${reason}`}`,
      ),
    ]),
    ...notes.map((note) => `  note: ${note}`),
    ...(delivery === null ? [] : formatDelivery(delivery)),
  ];
}

function formatTopic({ name, query, counts, papers }: TopicStory): string[] {
  const some = Object.entries(counts).filter(([, n]) => n > 0);
  const total = some.reduce((sum, [, n]) => sum + n, 0);
  const told = some.map(([state, n]) => `${n} ${state}`).join(", ") || "nothing matched";
  return [
    `  ${name} (${query}): ${told}`,
    ...papers.map(
      ({ state, title, why, matched }) =>
        `    ${state.padEnd(15)}${title}${state === "shown" ? ` [${matched.join(", ")}]` : `: ${why}`}`,
    ),
    ...(total > papers.length ? [`    and ${total - papers.length} more`] : []),
  ];
}

function formatDelivery({
  id,
  claims,
  events,
  messageId,
  status,
  response,
  submittedAt,
  bounces,
}: Delivery): string[] {
  return [
    line("delivery", `${id}, claimed ${claims} ${claims === 1 ? "time" : "times"}`),
    ...events.map(
      ({ at, claim, event, response: said }) =>
        `  ${new Date(at).toISOString()}  claim ${claim}: ${event}${said === null ? "" : `: ${said}`}`,
    ),
    line(
      "now",
      `${status}${submittedAt === null ? "" : ` at ${submittedAt.toISOString()}`}: ${response ?? "nothing was said"}`,
    ),
    ...(messageId === null ? [] : [line("message", messageId)]),
    ...bounces.map(({ kind, status: code, reason, receivedAt }) =>
      line("came back", `${new Date(receivedAt).toISOString()} ${kind} ${code ?? ""} ${reason}`),
    ),
  ];
}
