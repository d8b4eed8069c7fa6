import { Tokenizer } from "htmlparser2";

/** What is wrong with the tags of a template, and the line (from 1) it stands in. */
export interface StructureFault {
  readonly line: number;
  readonly says: string;
}

/** Elements whose content MJML takes as HTML; in all others only elements count. */
const HOLDS_HTML = new Set([
  "mj-accordion-text",
  "mj-accordion-title",
  "mj-button",
  "mj-navbar-link",
  "mj-preview",
  "mj-raw",
  "mj-social-element",
  "mj-style",
  "mj-table",
  "mj-text",
  "mj-title",
]);
/** HTML elements that have no end tag (HTML standard, "Void elements"). */
const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));

/** Elements that a template may have once; MJML reads the first and drops the others. */
const ONCE = new Set(["mjml", "mj-head", "mj-body"]);

interface Open {
  readonly name: string;
  readonly start: number;
  /** The HTML in it need not be whole: parts of it stand elsewhere, or in the branches of a condition. */
  readonly isLoose: boolean;
}

/** A file that a template includes, and the line (from 1) that names it. */
export interface Include {
  readonly path: string;
  readonly line: number;
}

/** The tags of a template: the first fault in them, or null, and what it includes. */
export interface TemplateStructure {
  readonly fault: StructureFault | null;
  readonly includes: readonly Include[];
}

/**
 * Reads the tags of a template. MJML's own parser closes what was left open and drops what stands where
 * nothing is shown, both without a word; a template that says something else than its author meant must not start.
 */
export function readStructure(source: string): TemplateStructure {
  const open: Open[] = [];
  const seen = new Set<string>();
  /** The tag being read; null when it is not looked at. */
  let current: Open | null = null;
  const includes: Include[] = [];
  let attribute = "";
  let fault: StructureFault | null = null;
  const lineOf = (at: number) => source.slice(0, at).split("\n").length;
  const report = (at: number, says: string) => {
    fault ??= { line: lineOf(at), says };
  };
  const holder = () => open.findLast(({ name }) => isOfMjml(name));
  const isIgnored = (name: string) => !isOfMjml(name) && holder()?.isLoose === true;
  const nameAt = (start: number, end: number) => source.slice(start, end).toLowerCase();
  const tags = new Tokenizer(
    { xmlMode: true, decodeEntities: false },
    {
      ...IGNORED,
      onopentagname: (start, end) => {
        const name = nameAt(start, end);
        current = isIgnored(name) ? null : { name, start, isLoose: isLoose(name, source, end) };
        if (current === null) return;
        if (ONCE.has(name) && seen.has(name)) report(start, `a second <${name}> is dropped`);
        seen.add(name);
        open.push(current);
      },
      onattribname: (start, end) => {
        attribute = nameAt(start, end);
      },
      onattribdata: (start, end) => {
        if (current?.name === "mj-include" && attribute === "path")
          includes.push({ path: source.slice(start, end), line: lineOf(start) });
      },
      onopentagend: () => {
        if (current !== null && VOID.has(current.name)) open.pop();
      },
      onselfclosingtag: () => {
        if (current !== null) open.pop();
      },
      onclosetag: (start, end) => {
        const name = nameAt(start, end);
        if (VOID.has(name) || isIgnored(name)) return;
        const top = open.pop();
        if (top?.name !== name) report(...mismatch(name, start, top, open));
      },
      ontext: (start, end) => {
        const text = source.slice(start, end).trim();
        if (text === "" || HOLDS_HTML.has(holder()?.name ?? "")) return;
        report(start, `the text "${text.slice(0, 40)}" is shown nowhere: put it into <mj-text>`);
      },
    },
  );
  tags.write(source);
  tags.end();
  const left = open.at(-1);
  if (left !== undefined) report(left.start, `<${left.name}> is never closed`);
  return { fault, includes };
}

const isOfMjml = (name: string): boolean => name === "mjml" || name.startsWith("mj-");

function isLoose(name: string, source: string, from: number): boolean {
  if (name === "mj-raw" || name === "mj-style") return true;
  const end = source.indexOf(`</${name}`, from);
  return HOLDS_HTML.has(name) && /\{\{~?(?:else|\^)/.test(source.slice(from, end === -1 ? undefined : end));
}

function mismatch(name: string, at: number, top: Open | undefined, open: readonly Open[]): [number, string] {
  if (top === undefined) return [at, `</${name}> closes nothing`];
  if (open.some((each) => each.name === name)) return [top.start, `<${top.name}> is never closed`];
  return [at, `</${name}> closes nothing, while <${top.name}> is open`];
}

const ignore = () => {};
const IGNORED = {
  onattribentity: ignore,
  onattribend: ignore,
  oncdata: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onprocessinginstruction: ignore,
  ontextentity: ignore,
};
