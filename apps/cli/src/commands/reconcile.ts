import type { Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources/arxiv";
import { NothingToReconcile, type ReconcileReport, reconcileNext } from "@paperboy/worker";
import type { Reading } from "../runtime/reading.ts";
import { UsageError } from "../usage-error.ts";

/** What `source reconcile` is told. */
export interface ReconcileFlags {
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
}

/** Days that one command compares at most. */
const MOST_DAYS = 92;

/** Compares one source, or all that read arXiv, with what arXiv says it announced, and ingests what is missing. */
export async function reconcileSources(
  store: Store,
  reading: Reading,
  { from, to, source }: ReconcileFlags,
): Promise<ReconcileReport[]> {
  const span = from === undefined && to === undefined ? undefined : readSpan(from, to);
  const all = (await store.sources.list(new Date())).filter(({ everyMinutes }) => everyMinutes !== null);
  const named = all.filter(({ name, kind }) =>
    source === undefined ? (ARXIV_POLICY.kinds as readonly string[]).includes(kind) : name === source,
  );
  if (source !== undefined && named.length === 0) throw new UsageError(`there is no source '${source}'`);
  const reports: ReconcileReport[] = [];
  for (const { name } of named) reports.push(await reconcileOne(store, reading, name, span));
  if (reports.some(({ filled }) => filled > 0)) await store.papers.announce(new Date());
  return reports;
}

async function reconcileOne(
  store: Store,
  reading: Reading,
  name: string,
  span: { from: string; to: string } | undefined,
): Promise<ReconcileReport> {
  try {
    const report = await reconcileNext(store, reading, () => new Date(), { name, ...(span && { span }) });
    if (report !== null) return report;
  } catch (error) {
    if (error instanceof NothingToReconcile) throw new UsageError(error.message);
    throw error;
  }
  throw new UsageError(`'${name}', or the server it asks, is being read by another process`);
}

function readSpan(from: string | undefined, to: string | undefined): { from: string; to: string } {
  const today = new Date().toISOString().slice(0, 10);
  const span = { from: readDay("--from", from ?? to ?? today), to: readDay("--to", to ?? today) };
  if (span.from > span.to) throw new UsageError(`--from ${span.from} is after --to ${span.to}`);
  const days = (Date.parse(span.to) - Date.parse(span.from)) / 86_400_000 + 1;
  if (days > MOST_DAYS)
    throw new UsageError(`--from and --to are ${days} days apart; at most ${MOST_DAYS} are compared`);
  return span;
}

function readDay(option: string, text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(text) ||
    Number.isNaN(at.getTime()) ||
    at.toISOString().slice(0, 10) !== text
  )
    throw new UsageError(`${option} is a date such as 2026-11-24, not '${text}'`);
  return text;
}

/** The same for people. */
export function formatReconcile(reports: readonly ReconcileReport[]): string {
  const lines = reports.flatMap(({ source, from, to, days, filled, missing, faults }) => [
    from === null
      ? `${source}: nothing to compare`
      : `${source}: ${from} to ${to}: ${filled} filled, ${missing.length} missing`,
    ...days
      .filter((day) => day.filled.length > 0 || day.missing.length > 0)
      .map((day) => {
        const lost = day.missing.length > 0 ? `, missing: ${day.missing.join(", ")}` : "";
        return `  ${day.day} ${day.category}: ${day.announced} announced, ${day.filled.length} filled${lost}`;
      }),
    ...faults.map((fault) => `  ${fault}`),
  ]);
  return lines.join("\n") || "no source reads arXiv";
}
