const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125];

/**
 * How deeply lists and objects of a JSON text are nested, looked at before it is parsed: what is read by strangers' rules
 * must not go down as far as they like. Counts no further than one beyond `most`.
 *
 * @param json UTF-8 octets, or text.
 */
export function jsonDepth(json: Uint8Array | string, most: number): number {
  const at = typeof json === "string" ? (i: number) => json.charCodeAt(i) : (i: number) => json[i];
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < json.length && deepest <= most; i++) {
    const code = at(i);
    if (quoted && code === BACKSLASH) i++;
    else if (code === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return deepest;
}
