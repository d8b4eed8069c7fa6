import { z } from "zod";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

/** The topic language has its own, tighter bounds; this one keeps rubbish away from the parser. */
const MAX_QUERY = 2_000;

/** Text in the topic language; becomes its canonical spelling. */
export const querySchema = z
  .string()
  .max(MAX_QUERY, `has more than ${MAX_QUERY} characters`)
  .transform((text, ctx) => {
    try {
      return printQuery(parseQuery(text));
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      ctx.addIssue({ code: "custom", message: error.message, params: faultDetails(error) });
      return z.NEVER;
    }
  })
  .meta({
    description:
      'Topic language: words are ANDed; "exact phrase", OR, -word, ( ), prefix*, fields such as title: author: category:cs.CL, upvotes>=10, has:code.',
    examples: ['"mixture of experts" routing -vision'],
  });

/** What a fault of a query says beside its message: the column (1-based), what stands there and what could. */
export interface QueryFaultDetails {
  readonly column: number;
  readonly found?: string;
  readonly expected?: unknown;
  readonly suggestion?: string | null;
  readonly quoted?: string | null;
}

/** The details of a fault for whoever shows it; absent parts are left out. */
export function faultDetails({ column, found, expected, suggestion, quoted }: QueryFaultDetails) {
  return {
    column,
    ...(found !== undefined && { found }),
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && suggestion !== null && { suggestion }),
    ...(quoted !== undefined && quoted !== null && { quoted }),
  };
}
