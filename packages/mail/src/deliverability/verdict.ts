/** What a look at one thing came to. */
export interface Verdict {
  /** `warning`: mail arrives, but not as well as it could, or nobody could be asked. */
  readonly level: "ok" | "warning" | "error";
  /** One line for people; says what to do when something is wrong. */
  readonly says: string;
}

export const ok = (says: string): Verdict => ({ level: "ok", says });
export const warning = (says: string): Verdict => ({ level: "warning", says });
export const wrong = (says: string): Verdict => ({ level: "error", says });

/** Several looks as one: as bad as the worst of them, which is all that is told when something is wrong. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const level = (["error", "warning"] as const).find((bad) => verdicts.some((each) => each.level === bad));
  const told = verdicts.filter((each) => each.level === (level ?? "ok"));
  return { level: level ?? "ok", says: told.map(({ says }) => says).join("; ") };
}
