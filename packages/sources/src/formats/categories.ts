import type { PaperDraft } from "@paperboy/core";

/** A category of arXiv: `cs.CL`, or an archive without classes, such as `hep-th`. */
const CATEGORY =
  /^(?:(?:cs|econ|eess|math|nlin|physics|q-bio|q-fin|stat|astro-ph|cond-mat)\.[A-Za-z-]+|astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|acc-phys|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th|patt-sol|plasm-ph|q-alg|solv-int|supr-con)$/;

/** The API lists MSC and ACM classes beside its categories, other feeds whatever they like. */
export function sortedTags(tags: readonly string[]): Pick<PaperDraft, "categories" | "keywords"> {
  const categories = tags.filter((tag) => CATEGORY.test(tag.trim()));
  const keywords = tags.filter((tag) => !CATEGORY.test(tag.trim()));
  return {
    ...(categories.length > 0 && { categories }),
    ...(keywords.length > 0 && { keywords }),
  };
}
