import { z } from "zod";
import { ARXIV_POLICY } from "../arxiv/policy.ts";

/** Where papers can come from by themselves. */
export const SOURCE_KINDS = ["hf", ...ARXIV_POLICY.kinds, "feed"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What a source is told: whatever is left out has the value that suits its kind. */
export interface SourceSettings {
  readonly kind: SourceKind;
  /** The feed, or the server to ask instead of the usual one. */
  readonly url?: string | undefined;
  /** `arxiv-api`: a search in the API's own language, such as `cat:cs.CL`. `arxiv-rss`: archives, such as `cs.CL+cs.AI`. */
  readonly query?: string | undefined;
  /** `arxiv-oai`: the set to harvest, such as `cs`. */
  readonly set?: string | undefined;
}

const ARCHIVES = /^[a-z-]+(?:\.[A-Za-z-]{2,10})?(?:\+[a-z-]+(?:\.[A-Za-z-]{2,10})?)*$/;
const url = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });

const schema = z
  .object({
    kind: z.enum(SOURCE_KINDS, { error: `must be one of ${SOURCE_KINDS.join(", ")}` }),
    url: url.optional(),
    query: z.string().trim().min(1).max(1_000).optional(),
    set: z
      .string()
      .regex(/^[a-z-]+(?::[\w.-]+)*$/i, { error: "must be the name of a set" })
      .optional(),
  })
  .superRefine((settings, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (settings.kind === "feed" && settings.url === undefined) complain("url", "is missing: which feed?");
    if (settings.kind === "arxiv-api" && settings.query === undefined)
      complain("query", "is missing, such as cat:cs.CL");
    if (settings.kind === "arxiv-rss" && !ARCHIVES.test(settings.query ?? "")) {
      complain("query", "must be archives of arXiv, such as cs.CL+cs.AI");
    }
  });

/** Settings that make no sense; `message` names the field. */
export class SourceSettingsError extends Error {
  override readonly name = "SourceSettingsError";
}

/** Checks what an operator or a row says of a source. @throws {SourceSettingsError} */
export function parseSourceSettings(value: unknown): SourceSettings {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SourceSettingsError(`${issue?.path.join(".")} ${issue?.message}`);
}

/** Minutes between runs unless the operator says otherwise: often enough to be in time, rare enough to be welcome. */
export const USUAL_MINUTES: Readonly<Record<SourceKind, number>> = {
  hf: 60,
  "arxiv-api": 360,
  "arxiv-rss": 60,
  "arxiv-oai": 720,
  feed: 60,
};

/** What is kept of a new source, or why it makes no sense. */
export type NewSourceSettings =
  | {
      readonly kind: SourceKind;
      readonly config: Readonly<Record<string, unknown>>;
      readonly everyMinutes: number;
    }
  | { readonly reason: string };

/** Reads what an operator says of a new source; `everyMinutes` may be given, anything else but the settings is ignored. */
export function parseNewSource(value: unknown): NewSourceSettings {
  try {
    const { kind, ...config } = parseSourceSettings(value);
    const { everyMinutes } = value as { everyMinutes?: unknown };
    return {
      kind,
      config,
      everyMinutes: typeof everyMinutes === "number" ? everyMinutes : USUAL_MINUTES[kind],
    };
  } catch (error) {
    if (error instanceof SourceSettingsError) return { reason: error.message };
    throw error;
  }
}
