export const NAMESPACES = `xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:arxiv="http://arxiv.org/schemas/atom"`;

export const rss = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0" ${NAMESPACES}><channel><title>c</title>${items}</channel></rss>`;

export const RSS_FIELDS =
  `link guid description content:encoded author dc:creator category pubDate dc:date dcterms:issued prism:doi
  dc:identifier arxiv:comment arxiv:announce_type atom:author atom:summary`.split(/\s+/);

export const ATOM_FIELDS =
  `id summary content published updated category arxiv:doi dc:creator author/name`.split(/\s+/);

export const OAI_FIELDS = "id title abstract authors categories doi comments created".split(" ");

export const RECORD_FIELDS =
  "id title abstract authors doi categories keywords url date comments version".split(" ");

export const element = (name: string, text: string): string => {
  const [outer = "", inner] = name.split("/");
  return inner === undefined ? `<${name}>${text}</${name}>` : `<${outer}>${element(inner, text)}</${outer}>`;
};

/** Documents in which every field of a format holds a text, in an entry of its own. */
export const DOCUMENTS: Record<string, (text: string) => string> = {
  rss: (text) =>
    rss(
      `<item><title>${text}</title></item><item><title>${text}</title><guid>oai:arXiv.org:2611.00001v1</guid></item>${RSS_FIELDS.map((name) => `<item><title>T</title>${element(name, text)}</item>`).join("")}`,
    ),
  atom: (text) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" ${NAMESPACES}>${["html", "text", ""].map((type) => `<entry><title type="${type}">${text}</title></entry>`).join("")}${ATOM_FIELDS.map((name) => `<entry><title>T</title>${element(name, text)}</entry>`).join("")}</feed>`,
  oai: (text) =>
    `<OAI-PMH><ListRecords>${OAI_FIELDS.map((name) => `<record><header><identifier>oai:x</identifier></header><metadata><arXiv><title>T</title>${element(name, text)}</arXiv></metadata></record>`).join("")}</ListRecords></OAI-PMH>`,
};

export const JSON_DOCUMENTS: Record<string, (text: string) => string> = {
  json: (text) =>
    JSON.stringify({
      version: "https://jsonfeed.org/version/1.1",
      items: ["id", "title", "content_html", "content_text", "url", "date_published"].map((name) => ({
        title: "T",
        [name]: text,
        authors: [{ name: text }],
      })),
    }),
  jsonl: (text) => RECORD_FIELDS.map((name) => JSON.stringify({ title: "T", [name]: text })).join("\n"),
  hf: (text) =>
    JSON.stringify(
      ["id", "title", "summary", "publishedAt"].map((name) => ({
        paper: { id: "x", title: "T", [name]: text, authors: [{ name: text }] },
      })),
    ),
  text: (text) => `${text.replaceAll("\n", " ")}\n${text}\n`,
};

// What makes patterns go back: what they look for, again and again without its end.
export const FILLERS = [
  " ",
  "\t\n",
  "@",
  "a@",
  "a",
  "A. ",
  "a b ",
  "(",
  ")",
  "((a)",
  "{",
  "\\",
  "\\'",
  "\\c ",
  "\\v{",
  "$",
  "a,",
  ", ",
  "A, B. ",
  ";",
  " and ",
  " et al",
  "<",
  "<a",
  "<a ",
  "</",
  "<i>",
  "</i>",
  "<i></i>",
  "<p>",
  "<br>",
  "<script>",
  "<!--",
  "<!",
  "<?",
  "<![CDATA[",
  "]]",
  "<!DOCTYPE a",
  "&",
  "&amp;",
  "&#",
  "&#x26;",
  "&lt;i&gt;",
  '"',
  "'",
  "=",
  "[",
  "1",
  "1-",
  ":",
  "10.",
  "/",
  "/doi/",
  "10.1000/",
  ".pdf",
  "arXiv:",
  "http://",
  "\u0301",
  "é",
  "王",
  "😀",
  "\u200b",
  "\ufeff",
  "2026-",
  "1 Jan ",
];
