import { webhookToken } from "@paperboy/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keys, sendDigests } from "../harness/returned-mail.ts";
import { ADMIN_TOKEN, startService, type TestService } from "../harness/service.ts";
import { basic, type Call, now, one, postmark, three, two } from "./webhook-calls.ts";

let service: TestService;

beforeEach(async () => {
  service = await startService({}, now);
  await sendDigests(service, 3, now);
});

afterEach(() => service.close());

const post = (provider: string, body: unknown, { authorization, type }: Call = {}) =>
  fetch(`${service.url}/api/v1/admin/bounces/${provider}`, {
    method: "POST",
    headers: {
      ...(authorization !== null && { authorization: authorization ?? basic(webhookToken(keys)) }),
      "content-type": type ?? "application/json",
    },
    body: JSON.stringify(body),
  });

const givenUp = async () => [...(await service.store.suppressions.among([one, two, three]))].sort();

describe("who may call", () => {
  const call = async (authorization: string | null) =>
    (await post("postmark", postmark("HardBounce", one), { authorization })).status;

  it("is who knows the token made for it, or the administrator, by password or bearer", async () => {
    const token = webhookToken(keys);
    for (const known of [
      basic(token),
      basic(token, ""),
      `Bearer ${token}`,
      basic(ADMIN_TOKEN),
      `Bearer ${ADMIN_TOKEN}`,
    ]) {
      expect(await call(known)).toBe(200);
    }
    expect(await givenUp()).toEqual([one]);
  });

  it("and nobody else; who asks without is told how", async () => {
    const token = webhookToken(keys);
    const others = [
      null,
      basic(""),
      basic(token.slice(0, -1)),
      basic(`${token}x`),
      `Bearer ${token.toLowerCase()}`,
      "Basic %%%",
      basic("", token),
    ];
    for (const unknown of others) expect(await call(unknown), String(unknown)).toBe(401);
    const asked = await post("ses", {}, { authorization: null });
    expect(asked.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    expect(await givenUp()).toEqual([]);
  });

  it("cannot do anything else with that token", async () => {
    for (const authorization of [basic(webhookToken(keys)), `Bearer ${webhookToken(keys)}`]) {
      const response = await fetch(`${service.url}/api/v1/admin/subscribers`, { headers: { authorization } });
      expect(response.status).toBe(401);
    }
  });
});
