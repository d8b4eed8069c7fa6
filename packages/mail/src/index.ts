export { type BounceReader, type BounceReaderOptions, openBounceReader } from "./bounces/bounce-reader.ts";
export { type BounceListener, type BounceListenerOptions, listenForBounces } from "./bounces/listener.ts";
export { readBounce } from "./bounces/read-bounce.ts";
export type { BounceFormat, BounceKind, BounceReport } from "./bounces/report.ts";
export { readWebhook, WebhookError, type WebhookProvider } from "./bounces/webhook.ts";
export { TemplateError } from "./compile-templates.ts";
export { type ComposedMessage, composeMessage, type DigestMessage } from "./compose/compose.ts";
export {
  checkDeliverability,
  type DeliverabilityCheck,
  type DeliverabilityInput,
} from "./deliverability/check.ts";
export { checkRelay } from "./deliverability/relay.ts";
export {
  type BoundedResolver,
  type NameServer,
  openResolver,
  type Resolver,
} from "./deliverability/resolver.ts";
export { type SendingFault, type SendingSettings, sendingFaults } from "./deliverability/sending-faults.ts";
export { sendTestMail, type TestMail } from "./deliverability/test-mail.ts";
export { checkTls } from "./deliverability/tls.ts";
export type { Verdict } from "./deliverability/verdict.ts";
export {
  DkimError,
  type DkimRecord,
  type DkimSettings,
  dkimRecord,
  generateDkimKeys,
  readDkimKeys,
} from "./dkim.ts";
export { type Inbox, type InboxSettings, startInbox } from "./inbox.ts";
export { type Mailbox, type MailSummary, openMailbox, type StoredMail } from "./mailbox.ts";
export { buildMessage, type ListHeaders, type MessageInput, type OutgoingMail } from "./message.ts";
export {
  type Confirmation,
  createRenderer,
  type RenderedDigest,
  type RenderedMail,
  type Renderer,
  type RendererSettings,
} from "./renderer.ts";
export { parseSender, type Sender } from "./sender.ts";
export type { BeforeDot } from "./transport/dot-gate.ts";
export type { Sendable } from "./transport/ready-mail.ts";
export { createTransport, type Transport, type TransportSettings } from "./transport.ts";
