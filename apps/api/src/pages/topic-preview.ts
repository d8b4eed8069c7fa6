import type { ApiContext } from "../context.ts";
import { isQuerySyntaxError, type QueryFault, refusedSearch } from "../topic-query.ts";
import { type PaperCard, toCard } from "./paper-card.ts";

/** What a person sees of a topic while typing it: nothing yet, what it would bring, or what is wrong with it. */
export interface TopicPreviewModel {
  readonly query: string;
  readonly preview?: {
    readonly forecast: string;
    /** Papers of the last 30 days. */
    readonly lately: number;
    readonly days: readonly { readonly date: string; readonly count: number }[];
    readonly firstDay: string;
    readonly lastDay: string;
    readonly warning: string | null;
    readonly samples: readonly PaperCard[];
  };
  readonly fault?: FaultModel;
}

export interface FaultModel {
  readonly message: string;
  /** The query, and below it a caret under the column where it goes wrong, if it does at one. */
  readonly shown: string;
  readonly suggestion: string | null;
  /** The query as a phrase in quotes, for a link; null when it cannot be searched for. */
  readonly quoted: string | null;
}

const SAMPLES = 5;

export async function previewTopic(context: ApiContext, query: string): Promise<TopicPreviewModel> {
  if (query === "") return { query };
  try {
    const preview = await context.library.preview(query, context.now());
    const { forecast, days, warning } = preview;
    const lately = days.reduce((sum, { count }) => sum + count, 0);
    const samples = preview.samples
      .slice(0, SAMPLES)
      .map(({ paper, highlights }) => toCard(context, paper, { highlights }));
    const firstDay = days[0]?.date ?? "";
    const lastDay = days.at(-1)?.date ?? "";
    return { query, preview: { forecast, lately, days, firstDay, lastDay, warning, samples } };
  } catch (error) {
    const fault = faultOf(query, error);
    if (fault === null) throw error;
    return { query, fault: fault.model };
  }
}

/** How a page tells that a query was refused, and with which status; null for any other error. */
export function faultOf(query: string, error: unknown): { status: number; model: FaultModel } | null {
  if (isQuerySyntaxError(error)) return { status: 400, model: faultModel(query, error) };
  const refused = refusedSearch(error);
  if (refused === null) return null;
  const model = { message: refused.message, shown: query, suggestion: null, quoted: null };
  return { status: refused.status, model };
}

function faultModel(query: string, fault: QueryFault): FaultModel {
  const caret = `${" ".repeat(Math.max(0, fault.column - 1))}^`;
  const { message, suggestion = null, quoted = null } = fault;
  return { message, shown: `${query}\n${caret}`, suggestion, quoted };
}
