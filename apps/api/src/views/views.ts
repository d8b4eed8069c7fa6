import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import { type Assets, PACKAGE_ROOT } from "../assets.ts";
import { dayName } from "./dates.ts";
import { helpers } from "./template-functions.ts";

/** What the frame around every page shows; the rest of a model is its view's own. */
export interface PageModel {
  readonly title: string;
  /** Which entry of the navigation this is. */
  readonly section?: "home" | "trending" | "search" | "inbox" | "admin";
  /** Shown by search engines and link previews. */
  readonly description?: string;
  /** Whether search engines may list it; pages behind a token are never listed. */
  readonly listed?: boolean;
  /** Addresses of a feed with the same papers. */
  readonly feed?: { readonly atom: string; readonly json: string };
  readonly [name: string]: unknown;
}

/** The compiled pages. */
export interface Views {
  /** A whole page. */
  render(view: string, model: PageModel): string;
  /** The address of a file that pages use. */
  asset(name: string): string;
  /** A part of a page, for the script to put in place. */
  fragment(partial: string, model: object): string;
}

interface ViewOptions {
  readonly assets: Assets;
  /** Path of the public URL, empty at the root: stands before every link to ourselves. */
  readonly base: string;
  readonly usesInbox: boolean;
  readonly now: () => Date;
}

const VIEWS_DIR = join(PACKAGE_ROOT, "views");
const PARTIALS_DIR = join(VIEWS_DIR, "partials");

/**
 * Compiles every view once.
 *
 * @throws when one does not compile or names a partial or helper that is not there.
 */
export function openViews({ assets, base, usesInbox, now }: ViewOptions): Views {
  const engine = Handlebars.create();
  engine.registerHelper(helpers);
  const partials = compileAll(engine, PARTIALS_DIR);
  engine.registerPartial(Object.fromEntries(partials));
  const views = compileAll(engine, VIEWS_DIR);
  const style = assets.url("paperboy.css");
  const script = assets.url("paperboy.js");
  const icon = assets.url("icon.svg");
  const frame = () => ({
    base,
    style,
    script,
    icon,
    touchIcon: assets.url("icon-192.png"),
    usesInbox,
    today: dayName(now(), "UTC"),
  });
  return {
    asset: assets.url,
    render: (view, model) => {
      const data = { frame: frame() };
      const body = named(views, view)(model, { data });
      return named(views, "layout")({ ...model, body }, { data });
    },
    fragment: (partial, model) => named(partials, partial)(model, { data: { frame: frame() } }),
  };
}

type Templates = ReadonlyMap<string, Handlebars.TemplateDelegate>;

function compileAll(engine: typeof Handlebars, directory: string): Templates {
  const files = readdirSync(directory).filter((name) => name.endsWith(".hbs"));
  return new Map(
    files.map((name) => {
      const source = readFileSync(join(directory, name), "utf8");
      return [basename(name, ".hbs"), engine.compile(source, { explicitPartialContext: false })];
    }),
  );
}

function named(templates: Templates, name: string): Handlebars.TemplateDelegate {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`there is no view ${name}`);
  return template;
}
