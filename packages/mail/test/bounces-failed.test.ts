import { expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import { OUR_ID, OURS } from "./bounce-makers.ts";
import { FAILED } from "./failed-mails.ts";
import { FAILED_ELSEWHERE } from "./failed-mails-elsewhere.ts";

test.each(Object.entries({ ...FAILED, ...FAILED_ELSEWHERE }))("%s", async (_name, [raw, kind, status]) => {
  const report = await readBounce(raw);
  expect(report).toMatchObject({ kind, status, delayed: false, recipients: ["reader@example.net"] });
  expect(report.deliveredTo).toContain(OURS);
  expect([OUR_ID, null]).toContain(report.originalMessageId);
  expect(report.reason).toMatch(/^\S.{3,239}$/);
});
