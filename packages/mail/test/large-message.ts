import { buildMessage } from "../src/index.ts";

export const message = (deliveryId = "d1", words = 20_000) =>
  buildMessage({
    deliveryId,
    domain: "paperboy.example",
    from: { name: "Paperboy", address: "papers@paperboy.example" },
    to: "ada@example.org",
    date: new Date("2026-11-24T07:00:00Z"),
    mail: {
      subject: "Gates",
      preheader: "",
      text: ".\r\n..hidden dots\n".repeat(3),
      html: "<p>word</p>\n".repeat(words),
    },
    list: {
      id: "digest.paperboy.example",
      unsubscribeUrl: "https://paperboy.example/unsubscribe?token=t",
      unsubscribeMailto: "mailto:leave@paperboy.example?subject=t",
    },
  });

export const now = () => Promise.resolve();
