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
import {
  buildMessage,
  composeMessage,
  type RenderedMail,
  type Renderer,
  type Sendable,
  type Sender,
  type Transport,
} from "@paperboy/mail";
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
      const message = messageOf(delivery, papers, options, domain);
      const outcome = await options.transport.send(message, { beforeDot });
      return { messageId: `<${delivery.id}@${domain}>`, outcome };
    },
  };
}

/** A digest is composed of what readers share; of other mails there are few, and Nodemailer composes them. */
function messageOf(
  delivery: ClaimedDelivery,
  papers: ReadonlyMap<number, Paper>,
  options: MailerOptions,
  domain: string,
): Sendable {
  const returnPath = options.returnPath?.(delivery.id);
  const frame = {
    deliveryId: delivery.id,
    domain,
    from: options.from,
    to: delivery.email,
    date: delivery.plannedAt,
    ...(returnPath && { returnPath }),
  };
  if (delivery.kind !== "digest") return buildMessage({ ...frame, mail: renderNotice(delivery, options) });
  const { renderer, pages, from } = options;
  const links = pages.digest(delivery);
  const digest = composeDigest(delivery.edition, delivery.sections, papers, links, delivery.notes);
  const token = new URL(links.unsubscribe).searchParams.get("token");
  const leave = returnPath === undefined ? from.address : unsubscribeAddress(returnPath);
  const unsubscribeMailto = `mailto:${leave}?subject=unsubscribe%20${token}`;
  const list = { id: `digest.${domain}`, unsubscribeUrl: links.unsubscribe, unsubscribeMailto };
  return composeMessage({ ...frame, mail: renderer.digest(digest), list });
}

/** A mail about the subscription itself. */
function renderNotice(delivery: ClaimedDelivery, { renderer, pages }: MailerOptions): RenderedMail {
  if (delivery.kind === "link") {
    const { subscriptionId: id, manageRevision, plannedAt } = delivery;
    const manageUrl = pages.manage({ id, manageRevision }, plannedAt);
    return renderer.link({ manageUrl, validDays: MANAGE_VALID_DAYS });
  }
  if (delivery.order === null) throw new Error("what it asks to confirm is gone");
  const confirmUrl = pages.confirm(delivery.edition, delivery.order, delivery.plannedAt);
  return renderer.confirmation({ confirmUrl, validDays: CONFIRM_VALID_DAYS });
}
