const FIELD = /^content-type[ \t]*:/i;
const TYPE = /^[\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,80}/;
/** A parameter, whatever stands before it. */
const PARAMETER = /([\w*%'.-]{1,60})[ \t]*=[ \t]*(?:"([^"]{0,300})"?|([^\s;,"]{1,300}))/g;
/** A line that separates parts; a boundary has 70 characters at most (RFC 2046 section 5.1.1). */
const DELIMITER = /^--(?!-*\s*$)[^\s]{1,70}\s*$/;
const PART_FIELD = /^content-[a-z-]{1,30}[ \t]*:/i;

/**
 * A mail, one character for each octet, with every Content-Type written as RFC 2045 asks: systems that report failures
 * forget the semicolon before a parameter, the quotes around it, or the boundary itself, and their words would be lost.
 */
export function repairContentTypes(mail: string): string {
  const lines = mail.split("\n");
  const kept: string[] = [];
  const end = lines.findIndex((line) => line.trim() === "");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!FIELD.test(line)) {
      kept.push(line);
      continue;
    }
    const folded = [line.slice(line.indexOf(":") + 1)];
    while (/^[ \t]+\S/.test(lines[at + 1] ?? "")) folded.push(lines[++at] ?? "");
    kept.push(
      `Content-Type: ${repaired(folded.join(" "), at < end ? () => boundaryIn(lines, end) : null)}\r`,
    );
  }
  return kept.join("\n");
}

/** @param findBoundary how to find what a multipart of the mail itself forgot to say. */
function repaired(value: string, findBoundary: (() => string | null) | null): string {
  const text = value.trim();
  const type = (TYPE.exec(text)?.[0] ?? "text/plain").toLowerCase();
  const given = [...text.matchAll(PARAMETER)].map(
    ([, name = "", quoted, plain]) => [name.toLowerCase(), (quoted ?? plain ?? "").trim()] as const,
  );
  const parameters = new Map(given);
  if (type.startsWith("multipart/") && !parameters.get("boundary") && findBoundary) {
    const boundary = findBoundary();
    if (boundary === null) return "text/plain";
    parameters.set("boundary", boundary);
  }
  return [type, ...[...parameters].map(([name, text]) => `${name}="${text.replaceAll("\\", "")}"`)].join(
    "; ",
  );
}

/** The first line that separates parts: what follows it is the header of one. */
function boundaryIn(lines: readonly string[], end: number): string | null {
  const at = lines.findIndex(
    (line, index) => index > end && DELIMITER.test(line) && PART_FIELD.test(lines[index + 1] ?? ""),
  );
  return at < 0 ? null : (lines[at] ?? "").trim().slice(2);
}
