import {
  CONFIRM_VALID_DAYS,
  composeDigest,
  domainOf,
  MANAGE_VALID_DAYS,
  type Paper,
  type PublicPages,
  unsubscribeAddress,
} from "@paperboy/core";
import type { ClaimedDelivery } from "@paperboy/db";
import { buildMessage, type RenderedMail, type Renderer, type Sender, type Transport } from "@paperboy/mail";
import type { Mailer } from "./attempt.ts";

export interface MailerOptions {
  readonly renderer: Renderer;
  readonly transport: Transport;
  readonly connections: number;
  readonly from: Sender;
  readonly pages: PublicPages;
  /** Where a mail comes back to, when there is such a place. */
  readonly returnPath?: (deliveryId: string) => string | undefined;
}

/** Makes the mail of a delivery, the same one each time it is made, and hands it to the transport. */
export function createMailer(options: MailerOptions): Mailer {
  const domain = domainOf(options.from.address);
  return {
    connections: options.connections,
    send: async (delivery, papers, beforeDot) => {
      const returnPath = options.returnPath?.(delivery.id);
      const { mail, list } = renderDelivery(delivery, papers, options, domain, returnPath);
      const message = buildMessage({
        deliveryId: delivery.id,
        domain,
        from: options.from,
        to: delivery.email,
        date: delivery.plannedAt,
        mail,
        ...(list && { list }),
        ...(returnPath && { returnPath }),
      });
      const outcome = await options.transport.send(message, { beforeDot });
      return { messageId: `<${delivery.id}@${domain}>`, outcome };
    },
  };
}

function renderDelivery(
  delivery: ClaimedDelivery,
  papers: ReadonlyMap<number, Paper>,
  { renderer, pages, from }: MailerOptions,
  domain: string,
  returnPath: string | undefined,
): { mail: RenderedMail; list?: { id: string; unsubscribeUrl: string; unsubscribeMailto: string } } {
  if (delivery.kind === "link") {
    const { subscriptionId: id, manageRevision, plannedAt } = delivery;
    const manageUrl = pages.manage({ id, manageRevision }, plannedAt);
    return { mail: renderer.link({ manageUrl, validDays: MANAGE_VALID_DAYS }) };
  }
  if (delivery.kind === "confirmation") {
    if (delivery.order === null) throw new Error("what it asks to confirm is gone");
    return {
      mail: renderer.confirmation({
        confirmUrl: pages.confirm(delivery.edition, delivery.order, delivery.plannedAt),
        validDays: CONFIRM_VALID_DAYS,
      }),
    };
  }
  const links = pages.digest(delivery);
  const mail = renderer.digest(
    composeDigest(delivery.edition, delivery.sections, papers, links, delivery.notes),
  );
  const token = new URL(links.unsubscribe).searchParams.get("token");
  const leave = returnPath === undefined ? from.address : unsubscribeAddress(returnPath);
  const unsubscribeMailto = `mailto:${leave}?subject=unsubscribe%20${token}`;
  return { mail, list: { id: `digest.${domain}`, unsubscribeUrl: links.unsubscribe, unsubscribeMailto } };
}
