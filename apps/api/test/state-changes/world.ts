import { webhookToken } from "@paperboy/core";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { keys } from "@paperboy/harness/returned-mail";
import { ADMIN_TOKEN, startService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";

export const NOW = new Date("2026-11-24T09:00:00Z");
export const READER = "reader0@example.org";
export const OTHER = "other@example.org";

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A service with one reader, and what is asked of it over HTTP as a browser, a program or a mail service does. */
export async function openWorld() {
  const service = await startService({}, NOW);
  /** The only reader's subscription, active, with the topic `gate`. */
  let id = "";
  let cookie = "";
  /** Numbers what is made, so that nothing is made twice. */
  let made = 0;
  /** Starts anew with the reader. */
  const begin = async () => {
    const known = await service.store.subscriptions.findByAddress(READER);
    if (known !== null) await service.store.subscriptions.erase(known);
    id = (await addReaders(service.store, 1, new Date("2026-11-20T06:00:00Z")))[0] as string;
    cookie = "";
  };

  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(service.url + path, {
      method,
      redirect: "manual",
      ...init,
      headers: { accept: "text/html", cookie, ...init.headers },
    });
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return answer;
  };
  const json = (method: string, path: string, body: unknown, bearer = ADMIN_TOKEN) =>
    send(method, path, {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
    });
  const form = (path: string, fields: Record<string, string>) =>
    send("POST", path, { body: new URLSearchParams(fields) });

  const links = () =>
    service.worker.pages.digest({ id, subscriptionId: id, manageRevision: 0, plannedAt: NOW });
  const tokenOf = (url: string) => new URL(url).searchParams.get("token") ?? "";
  const manage = (path: string, fields: Record<string, string> = {}) =>
    form(path, { token: tokenOf(links().manage), ...fields });
  /** Within a session of /admin, from a form of its page. */
  const adminForm = async (path: string, fields: Record<string, string> = {}) => {
    await form("/admin/sign-in", { token: ADMIN_TOKEN });
    const page = await (await send("GET", "/admin")).text();
    return form(path, { form: /name="form" value="([^"]+)"/.exec(page)?.[1] ?? "", ...fields });
  };

  const subscription = async () => await service.store.subscriptions.find(id);
  const isSuppressed = async (address = OTHER) => (await service.store.suppressions.find(address)) !== null;
  const sources = async () => (await service.store.sources.list(NOW)).map(({ name }) => name);
  const ask = (address: string) =>
    service.store.subscriptions.request({ address, key: address }, GATE_ORDER, NOW);

  /** A mail that may have gone out. */
  const unknownDelivery = async (): Promise<string> => {
    const { deliveryId } = await ask(`unknown${++made}@example.org`);
    const at = { now: NOW, leaseSeconds: 30 };
    const [claim] = await service.store.deliveries.claim({ ...at, limit: 1, ids: [deliveryId] });
    const { fence } = claim as { fence: number };
    await service.store.deliveries.write([{ id: deliveryId, fence, event: "dot" }], at);
    await service.store.deliveries.write([{ id: deliveryId, fence, event: "lose", response: "gone" }], at);
    return deliveryId;
  };
  const statusOf = async (deliveryId: string) =>
    (await service.store.deliveries.list({ limit: 1_000 })).find((each) => each.id === deliveryId)?.status;

  /** A digest of the reader that went out. */
  const submittedDigest = async (): Promise<string> => {
    await publish(service.store, gatePapers(1, ++made), NOW);
    await service.store.subscriptions.advance(id, "2026-11-24", NOW);
    await runUntilDone(service.worker, NOW);
    const sent = (await service.store.deliveries.list({ limit: 10, status: "submitted" })).find(
      ({ kind, email }) => kind === "digest" && email === READER,
    );
    return sent?.id ?? "";
  };

  /** Two papers that were found to be one. */
  const merge = async (): Promise<number> => {
    const n = ++made;
    const paper = { abstract: "About it.", authors: ["Ada Lovelace"] };
    const [arxivId, doi] = [`2601.2000${n}`, `10.1000/two-${n}`];
    const at = { name: "journal", kind: "file" };
    const preprint = { ...paper, externalId: arxivId, title: `Preprint ${n}`, arxivId };
    await service.store.ingest(
      at,
      [preprint, { ...paper, externalId: doi, title: `Journal ${n}`, doi }],
      NOW,
    );
    await service.store.papers.announce(NOW);
    await service.store.ingest(at, [{ ...preprint, externalId: `link-${n}`, doi }], NOW);
    return (await service.store.merges.list(1))[0]?.id ?? 0;
  };
  const isUndone = async (merged: number) =>
    (await service.store.merges.list(10)).find((each) => each.id === merged)?.undoneAt !== null;

  const pauseDestination = () => service.store.destinations.pause("slow.example", "busy", "450 later", NOW);
  const isPaused = async () =>
    (await service.store.destinations.list(NOW)).some(
      (each) => each.key === "slow.example" && each.pausedUntil,
    );

  const webhook = (provider: string, body: unknown) =>
    json("POST", `/api/v1/admin/bounces/${provider}`, body, webhookToken(keys));

  return {
    service,
    begin,
    id: () => id,
    close: () => service.close(),
    json,
    form,
    send,
    manage,
    adminForm,
    links,
    tokenOf,
    subscription,
    isSuppressed,
    sources,
    ask,
    unknownDelivery,
    statusOf,
    submittedDigest,
    merge,
    isUndone,
    pauseDestination,
    isPaused,
    webhook,
  };
}
