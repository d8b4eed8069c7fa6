const IN_COMMENT =
  /\b(?:this|the) (?:paper|article|submission|manuscript|work|preprint) (?:has been|is|was) (?:withdrawn|retracted)\b|\b(?:withdrawn|retracted) (?:by|due to|because)\b|^(?:paper |article )?(?:has been )?(?:withdrawn|retracted)\b/i;
const IN_ABSTRACT =
  /^\W*(?:this|the) (?:paper|article|submission|manuscript|work|preprint) (?:has been|is|was) (?:withdrawn|retracted)\b/i;

/** Whether arXiv's comment or abstract says that a paper was taken back; `withdrawn` elsewhere in a text says nothing. */
export const saysWithdrawn = (comment: string | undefined, abstract: string): boolean =>
  (comment !== undefined && IN_COMMENT.test(comment.trim())) || IN_ABSTRACT.test(abstract);
