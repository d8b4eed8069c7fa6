// Every table of letters stands here: how TeX writes them, what they are, and what is left of them without accent. Who reads
// TeX (names of people, titles as keys, the analyzer) has patterns of its own, since each wants something else of it.

/** Greek letters by the names that TeX has for them, and readers. */
export const GREEK: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  zeta: "ζ",
  eta: "η",
  theta: "θ",
  iota: "ι",
  kappa: "κ",
  lambda: "λ",
  mu: "μ",
  nu: "ν",
  xi: "ξ",
  omicron: "ο",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
  upsilon: "υ",
  phi: "φ",
  chi: "χ",
  psi: "ψ",
  omega: "ω",
};

/** Letters that carry their accent inside, so that Unicode decomposition leaves them alone. */
export const STROKED: Readonly<Record<string, string>> = {
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
  ȷ: "j",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  þ: "th",
  ς: "σ",
};

export const STROKED_LETTER = /[øłđðħıȷßæœþς]/g;

/** Letters that TeX has a control word for. */
export const TEX_LETTERS: Readonly<Record<string, string>> = {
  o: "ø",
  O: "Ø",
  l: "ł",
  L: "Ł",
  ss: "ß",
  ae: "æ",
  AE: "Æ",
  oe: "œ",
  OE: "Œ",
  aa: "å",
  AA: "Å",
  i: "i",
  j: "j",
  dh: "ð",
  DH: "Ð",
  th: "þ",
  TH: "Þ",
  dj: "đ",
  DJ: "Đ",
};

/** Combining characters that TeX's accents put on a letter. */
export const TEX_ACCENTS: Readonly<Record<string, string>> = {
  "'": "\u0301",
  "`": "\u0300",
  "^": "\u0302",
  '"': "\u0308",
  "~": "\u0303",
  "=": "\u0304",
  ".": "\u0307",
  u: "\u0306",
  v: "\u030c",
  H: "\u030b",
  c: "\u0327",
  d: "\u0323",
  b: "\u0331",
  k: "\u0328",
  r: "\u030a",
};

/** What is left of the letters that words are searched by: lower case, no stroke, no accent. */
export const PLAIN_TEX_LETTERS: Readonly<Record<string, string>> = {
  ss: "ss",
  ae: "ae",
  AE: "ae",
  oe: "oe",
  OE: "oe",
  aa: "a",
  AA: "a",
  o: "o",
  O: "o",
  l: "l",
  L: "l",
  i: "i",
  j: "j",
  dh: "d",
  th: "th",
  ell: "l",
};

/** What commands of mathematics stand for in the key of a title, in lower case. */
export const TITLE_SYMBOLS: Readonly<Record<string, string>> = {
  ...GREEK,
  varepsilon: "ε",
  varphi: "φ",
  ell: "l",
};

const GREEK_NAMES = new Map(Object.entries(GREEK).map(([name, letter]) => [letter, name]));

/** `alpha` for `α`: a letter that stands alone is read by its name. Undefined for anything but one Greek letter. */
export const greekName = (letter: string): string | undefined => GREEK_NAMES.get(letter);
