import pg from "pg";
import type { BenchResult } from "./frame.ts";
import type { Toll } from "./storm-lives.ts";
import type { RelayRecords } from "./storm-sink.ts";

/** A digest's delivery as the database has it at the end. */
export interface RecordedDelivery {
  readonly id: string;
  readonly status: string;
  readonly email: string;
  /** Papers it brings that another edition of the same reader, which was not superseded, brings as well. */
  readonly papersAgain: number;
  readonly papers: number;
  /** What else the row says, for whoever looks for the cause. */
  readonly story?: string;
}

/** What happened in a storm. */
export interface StormFacts extends Toll {
  readonly seed: number;
  readonly policy: "hold" | "retry";
  readonly queue: string;
  readonly readers: number;
  readonly days: number;
  /** The most mails one worker can have sent, or be about to send, without having recorded the answer. */
  readonly inFlight: number;
  readonly workers: number;
  /** Whether everything was settled in the time there was. */
  readonly inTime: boolean;
}

/** Reads the deliveries of a storm. */
export async function readDeliveries(databaseUrl: string): Promise<RecordedDelivery[]> {
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  const { rows } = await sql
    .query(
      `SELECT d.id, d.status, r.email, coalesce(cardinality(g.paper_ids), 0) AS papers,
         concat_ws(', ', d.edition, 'attempt ' || d.fence, 'lease ' || d.lease_expires_at, 'next ' || d.next_attempt_at, d.response) AS story,
         (SELECT count(*)::int FROM digests h JOIN deliveries e ON e.id = h.id WHERE h.subscription_id = g.subscription_id
            AND h.id <> g.id AND e.status <> 'skipped' AND h.paper_ids && g.paper_ids) AS "papersAgain"
       FROM deliveries d LEFT JOIN digests g ON g.id = d.id JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
       WHERE d.kind = 'digest'`,
    )
    .finally(() => sql.end());
  return rows;
}

/** Compares every delivery with what the relay got. */
export function reconcileStorm(
  deliveries: readonly RecordedDelivery[],
  { taken, drops }: RelayRecords,
  facts: StormFacts,
) {
  const copies = new Map(deliveries.map((delivery) => [mailOf(delivery), 0]));
  let strangers = 0;
  for (const { messageId, to } of taken) {
    const seen = copies.get(`${messageId} ${to}`);
    if (seen === undefined) strangers++;
    else copies.set(`${messageId} ${to}`, seen + 1);
  }
  const got = (delivery: RecordedDelivery) => copies.get(mailOf(delivery)) as number;
  const inState = (...states: string[]) => deliveries.filter(({ status }) => states.includes(status));
  const sent = deliveries.filter(({ status }) => status !== "skipped");
  const superseded = inState("skipped");
  return {
    deliveries: deliveries.length,
    expected: facts.days * facts.readers,
    submitted: inState("submitted").length,
    unknown: inState("unknown").length,
    unknownAtMost: mostUnknown(facts, drops),
    unknownThatWentOut: inState("unknown").filter((each) => got(each) > 0).length,
    superseded: superseded.length,
    unsettled: deliveries.length - inState("submitted", "unknown", "skipped").length,
    duplicates: deliveries.filter((each) => got(each) > 1).length,
    falselySubmitted: inState("submitted").filter((each) => got(each) === 0).length,
    lost: sent.filter((each) => each.status !== "unknown" && got(each) === 0).length,
    strangers,
    // What an edition that was superseded was to bring, another one has to bring, once.
    papersWrong:
      sent.filter(({ papers, papersAgain }) => papers === 0 || papersAgain > 0).length +
      superseded.filter((each) => each.papersAgain === 0 || got(each) > 0).length,
    drops,
  };
}

/** In flight, for each worker whose process or connections were killed, and one for each mail whose answer the relay withheld. */
function mostUnknown({ inFlight, workers, kills, struck }: StormFacts, drops: RelayRecords["drops"]): number {
  const ofServers = struck["postgres killed"] + struck["connections cut"];
  return inFlight * (kills + ofServers * workers) + (drops.dot ?? 0) + (drops.answer ?? 0);
}

/** The one name a delivery's mail may go by, and the one reader it may go to. */
const mailOf = ({ id, email }: RecordedDelivery) => `<${id}@papers.test> ${email}`;

export type StormReconciliation = ReturnType<typeof reconcileStorm>;

/** The promises that were broken, in words; none when all held. */
export function brokenPromises(found: StormReconciliation, facts: StormFacts): string[] {
  const holds = facts.policy === "hold";
  const promises: readonly [boolean, string][] = [
    [facts.inTime, "it came to an end in time"],
    [found.deliveries === found.expected, "one delivery for each reader and day"],
    [found.unsettled === 0, "every delivery is submitted or unknown, or superseded"],
    [found.falselySubmitted === 0, "what is submitted was sent"],
    [!holds || found.duplicates === 0, "nothing is sent twice"],
    [!holds || found.unknown <= found.unknownAtMost, "unknown is only what was in flight"],
    [holds || found.unknown === 0, "nothing is unknown"],
    [holds || found.lost === 0, "nothing is lost"],
    [found.strangers === 0, "every copy has the Message-ID of its delivery"],
    [found.papersWrong === 0, "each edition brings its paper, and none twice"],
    [facts.crashes === 0, "no worker ends by itself"],
    [facts.badDrains === 0, "a worker that is told to end drains"],
  ];
  return promises.filter(([kept]) => !kept).map(([, promise]) => promise);
}

/** The table, and below it the verdict. */
export function reportStorm(found: StormReconciliation, facts: StormFacts): BenchResult {
  const { dot = 0, answer = 0, ...earlier } = found.drops;
  const before = Object.values(earlier).reduce((sum, n) => sum + n, 0);
  const lines: Record<string, string | number> = {
    "seed, policy, queue": `${facts.seed}, ${facts.policy}, ${facts.queue}`,
    "workers killed": facts.kills,
    "workers stopped past their lease": facts.stuns,
    "workers told to end": facts.drains,
    "Postgres killed": facts.struck["postgres killed"],
    "Redis killed / flushed": `${facts.struck["Redis killed"]} / ${facts.struck["Redis flushed"]}`,
    "all connections cut": facts.struck["connections cut"],
    "dropped by the relay before the dot": before,
    "dropped by the relay after it, mail not taken / taken": `${dot} / ${answer}`,
    "days, readers": `${facts.days}, ${facts.readers}`,
    deliveries: `${found.deliveries} of ${found.expected}`,
    submitted: found.submitted,
    "unknown (at most)": `${found.unknown} (${found.unknownAtMost})`,
    "unknown that had gone out": found.unknownThatWentOut,
    "superseded by the next edition": found.superseded,
    "in any other state": found.unsettled,
    "sent more than once": found.duplicates,
    "submitted that the relay never got": found.falselySubmitted,
    "lost: not unknown, and the relay never got it": found.lost,
    "mails of no delivery, or to another reader": found.strangers,
    "editions without their paper, or with one again": found.papersWrong,
    "workers that ended by themselves / did not drain": `${facts.crashes} / ${facts.badDrains}`,
  };
  const broken = brokenPromises(found, facts);
  const copies = "Each copy carries the Message-ID of its delivery.";
  return {
    rows: Object.entries(lines).map(([what, value]) => ({ what, value })),
    notes: [
      ...(found.duplicates > 0 && found.strangers === 0 ? [copies] : []),
      ...broken.map((promise) => `BROKEN: ${promise}.`),
      ...(broken.length === 0 ? ["As promised."] : []),
    ],
  };
}
