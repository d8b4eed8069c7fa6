export const now = new Date("2026-11-24T09:00:00Z");

export interface Call {
  readonly authorization?: string | null;
  readonly type?: string;
}

export const basic = (password: string, name = "any") =>
  `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

export const postmark = (Type: string, Email: string, BouncedAt = now.toISOString()) => ({
  RecordType: "Bounce",
  Type,
  Email,
  BouncedAt,
  MessageID: "883953f4-6105-42a2-a16a-77a8eac79483",
  Details: "smtp;550 5.1.1 user unknown",
});

export const [one, two, three] = [
  "reader0@example.org",
  "reader1@example.org",
  "reader2@example.org",
] as const;
