import { z } from "zod";
import { canonicalQuery, faultDetails, isQuerySyntaxError } from "../topic-query.ts";

/** The topic language has its own, tighter bounds; this one keeps rubbish away from the parser. */
const MAX_QUERY = 2_000;

/** Text in the topic language; becomes its canonical spelling. */
export const querySchema = z
  .string()
  .max(MAX_QUERY, `has more than ${MAX_QUERY} characters`)
  .transform((text, ctx) => {
    try {
      return canonicalQuery(text);
    } catch (error) {
      if (!isQuerySyntaxError(error)) throw error;
      ctx.addIssue({ code: "custom", message: error.message, params: faultDetails(error) });
      return z.NEVER;
    }
  })
  .meta({
    description:
      'Topic language: words are ANDed; "exact phrase", OR, -word, ( ), prefix*, fields such as title: author: category:cs.CL, upvotes>=10, has:code.',
    examples: ['"mixture of experts" routing -vision'],
  });
