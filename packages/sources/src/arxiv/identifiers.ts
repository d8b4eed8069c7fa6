import { parseArxivId } from "@paperboy/core";
import { FormatError } from "../formats/outcome.ts";
import { parseDocument } from "../formats/xml.ts";
import { decodeText } from "../formats/xml-encoding.ts";
import { childOf, childrenOf, textIn, textOf } from "../formats/xml-tree.ts";

/** One answer to `ListIdentifiers` (OAI-PMH 2.0, section 4.3). */
export interface IdentifierPage {
  readonly headers: readonly { readonly id: string; readonly datestamp: string }[];
  readonly resumptionToken: string | null;
  /** How many there are in all, if the server tells. */
  readonly completeListSize: number | null;
}

/**
 * Reads a page of arXiv ids without version, each with the day on which its record changed last. Deleted records are left out.
 * @throws {FormatError} when it is something else, or an error such as `badResumptionToken`.
 */
export function readIdentifierPage(content: Uint8Array, contentType?: string): IdentifierPage {
  const { root } = parseDocument(decodeText(content, contentType).text);
  const error = childOf(root, "error");
  if (error?.attributes.code === "noRecordsMatch")
    return { headers: [], resumptionToken: null, completeListSize: 0 };
  if (error) throw new FormatError(`the server answers ${error.attributes.code}: ${textIn(error).trim()}`);
  const list = childOf(root, "listidentifiers");
  if (list === undefined) throw new FormatError("expected ListIdentifiers, found none");
  const headers = childrenOf(list, "header").flatMap((header) => {
    const id = parseArxivId(textOf(header, "identifier") ?? "")?.id;
    const datestamp = textOf(header, "datestamp")?.slice(0, 10);
    return id === undefined || datestamp === undefined || header.attributes.status === "deleted"
      ? []
      : [{ id, datestamp }];
  });
  const token = childOf(list, "resumptiontoken");
  const size = Number(token?.attributes.completelistsize ?? Number.NaN);
  return {
    headers,
    resumptionToken: (token && textIn(token).trim()) || null,
    completeListSize: Number.isInteger(size) ? size : null,
  };
}
