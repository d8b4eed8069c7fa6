import { cleanLine, type Digest } from "@paperboy/core";
import Handlebars from "handlebars";
import { compileTemplates, TemplateError } from "./compile-templates.ts";
import { bytesOf, encodePieces, fillMarks, joinPieces, type Pieces } from "./compose/pieces.ts";
import { createEncoder } from "./compose/quoted-printable.ts";
import { type DigestView, digestView } from "./digest-view.ts";
import { createCards, MATCHED, type PaperCard, REASON, sharedLines } from "./paper-card.ts";
import { confirmationText, digestText, linkText } from "./plain-text.ts";
import { safeUrl } from "./safe-url.ts";
import { probeConfirmation, probeDigest, probeLink } from "./template-probe.ts";

/** A mail's content, ready for `buildMessage`. */
export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  /** What a mail program shows beside the subject; also hidden at the top of the HTML. */
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
}

/** A digest's content, of which `composeMessage` makes a message. */
export interface RenderedDigest extends RenderedMail {
  /** Both parts as they stand in a message, in quoted-printable; what readers share is made once. */
  encoded(): { readonly text: readonly Buffer[]; readonly html: readonly Buffer[] };
}

/** What a confirmation says; nothing of it comes from whoever asked. */
export interface Confirmation {
  readonly confirmUrl: string;
  readonly validDays: number;
}

/** A new link to a reader's own page. */
export interface ManageLink {
  readonly manageUrl: string;
  readonly validDays: number;
}

export interface RendererSettings {
  /** Holds `digest.mjml`, `confirm.mjml`, `link.mjml` and `partials/`. */
  readonly templatesDir: string;
  /** Who sends the mails, with the postal address when there is one; stands in the footer of digests. */
  readonly sender?: string;
  /** Keeps compiled templates between starts; nothing is kept unless given. */
  readonly cacheDir?: string;
}

/** Fills the templates. */
export interface Renderer {
  /** The mail of one edition: under 90 KB of HTML, whatever matched; what found no room is one link away. */
  digest(digest: Digest): RenderedDigest;
  /** The same page with every paper of the edition, for the view in a browser; without the links that are the reader's alone. */
  digestPage(digest: Digest): string;
  confirmation(confirmation: Confirmation): RenderedMail;
  link(link: ManageLink): RenderedMail;
}

/** Mail programs clip near 100 KB; this leaves room for what relays rewrite. */
const HTML_BUDGET = 90_000;

/**
 * Compiles the templates once and renders a probe through each. Throws TemplateError, naming file and line, so
 * that nothing starts on a template that would fail on a reader.
 */
export async function createRenderer({
  templatesDir,
  cacheDir,
  sender = "",
}: RendererSettings): Promise<Renderer> {
  const templates = await compileTemplates(templatesDir, cacheDir);
  const fillDigest = compileTemplate<DigestView>(`${templatesDir}/digest.mjml`, templates.digest);
  const fillConfirm = compileTemplate<ConfirmValues>(`${templatesDir}/confirm.mjml`, templates.confirm);
  const fillLink = compileTemplate<LinkValues>(`${templatesDir}/link.mjml`, templates.link);
  const cardOf = createCards();
  const line = cleanLine(sender, 300);
  const encode = createEncoder(templates.digest.split("\n").filter((line) => !line.includes("{{")));

  const render = (digest: Digest, budget: number, shared = false): { view: DigestView; html: Pieces } => {
    const everything = digest.sections.reduce((sum, { papers }) => sum + papers.length, 0);
    const fill = (papers: number, sections: number) => {
      const view = digestView(digest, { papers, sections }, cardOf, { shared, sender: line });
      const html = fillDigest(view);
      return bytesOf(html) <= budget ? { view, html } : null;
    };
    const all = digest.sections.length;
    const fitting =
      fill(everything, all) ??
      largest(everything, (papers) => fill(papers, all)) ??
      largest(all, (sections) => fill(0, sections));
    if (!fitting) throw new Error(`a digest without papers is over ${budget} bytes: shorten digest.mjml`);
    return fitting;
  };

  const renderer: Renderer = {
    digest(digest) {
      const { view, html } = render(digest, HTML_BUDGET);
      const text = digestText(view);
      return {
        subject: view.subject,
        preheader: view.preheader,
        encoded: () => ({
          text: encodePieces(text, encode),
          html: encodePieces(html, encode),
        }),
        get html() {
          return joinPieces(html);
        },
        get text() {
          return joinPieces(text);
        },
      };
    },
    digestPage: (digest) => joinPieces(render(digest, Number.POSITIVE_INFINITY, true).html),
    confirmation(confirmation) {
      const values = confirmValues(confirmation);
      const { subject, preheader, confirmUrl, lifetime } = values;
      return {
        subject,
        preheader,
        html: joinPieces(fillConfirm(values)),
        text: confirmationText(confirmUrl, lifetime),
      };
    },
    link({ manageUrl, validDays }) {
      const [url, lifetime] = [httpUrl(manageUrl, "link to the reader's page"), daysInWords(validDays)];
      const subject = "Your link to your Paperboy subscription";
      const preheader = "Change, pause or stop what comes.";
      const html = joinPieces(fillLink({ subject, preheader, manageUrl: url, lifetime }));
      return { subject, preheader, html, text: linkText(url, lifetime) };
    },
  };
  probeDigest(renderer.digest, `${templatesDir}/digest.mjml`);
  probeConfirmation(renderer.confirmation, `${templatesDir}/confirm.mjml`);
  probeLink(renderer.link, `${templatesDir}/link.mjml`);
  return renderer;
}

interface ConfirmValues {
  readonly subject: string;
  readonly preheader: string;
  readonly confirmUrl: string;
  readonly lifetime: string;
}

interface LinkValues {
  readonly subject: string;
  readonly preheader: string;
  readonly manageUrl: string;
  readonly lifetime: string;
}

function httpUrl(given: string, what: string): string {
  const url = safeUrl(given);
  if (!url) throw new Error(`the ${what} is not an http address: ${given}`);
  return url;
}

const daysInWords = (days: number): string => (days === 1 ? "1 day" : `${days} days`);

function confirmValues({ confirmUrl, validDays }: Confirmation): ConfirmValues {
  return {
    subject: "Confirm your Paperboy subscription",
    preheader: "One click, and the papers come.",
    confirmUrl: httpUrl(confirmUrl, "confirmation link"),
    lifetime: daysInWords(validDays),
  };
}

/** Stands in a filled template where a card does; no text that is filled in can hold it. */
const CUT = "\0";

/**
 * A filled template, cut where cards stand in it; every value is escaped, and an unknown placeholder is an error. Handlebars escapes `=` too,
 * for the sake of attributes without quotes, which MJML never writes: undone, since not every program that reads links decodes it.
 */
function compileTemplate<Values>(file: string, html: string): (values: Values) => Pieces {
  const handlebars = Handlebars.create();
  let drawn: Pieces[] = [];
  handlebars.registerHelper("paper", function (this: PaperCard, { fn }: Handlebars.HelperOptions) {
    drawn.push(htmlOf(this, (card) => withEquals(fn(card)).trim()));
    return CUT;
  });
  const fill = handlebars.compile<Values>(html, { strict: true });
  return (values) => {
    drawn = [];
    try {
      const frame = withEquals(fill(values)).split(CUT);
      return frame.flatMap((text, place) => [text, ...(drawn[place] ?? [])]);
    } catch (cause) {
      throw new TemplateError(`${file} can not be filled: ${(cause as Error).message}`, { cause });
    }
  };
}

/** A card with its reader's words; the rest of it is rendered once. */
function htmlOf(card: PaperCard, render: (card: PaperCard) => string): Pieces {
  const escaped = (text: string) => withEquals(Handlebars.escapeExpression(text));
  const words = new Map([
    [MATCHED, escaped(card.matched)],
    [REASON, escaped(card.reason)],
  ]);
  return fillMarks(sharedLines(card, "html", render), words);
}

const withEquals = (html: string): string => html.replaceAll("&#x3D;", "=");

/** The result for the largest count below `limit` that gives one; null when not even 0 does. */
function largest<Result>(limit: number, attempt: (count: number) => Result | null): Result | null {
  let best = attempt(0);
  let low = 0;
  let high = best ? limit : 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const result = attempt(middle);
    if (result) [best, low] = [result, middle];
    else high = middle;
  }
  return best;
}
