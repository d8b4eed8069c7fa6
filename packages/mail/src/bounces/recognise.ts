import { addressesIn, isDaemon } from "./addresses.ts";
import { all, type Fields, first } from "./fields.ts";
import type { MailParts } from "./mail-parts.ts";
import { hasReply, namesCause } from "./verdict.ts";

const BOUNCE_SUBJECT =
  /undeliver|non-?deliver|not deliver|un(?:able|successful) (?:to )?deliver|returned (?:e?-?mail|to sender|message)|returning (?:e?-?mail|message)|delivery[ -](?:status|fail|has failed|problem|error|notification|delay|report|incomplete|unsuccessful)|deliver\w{0,8}[^.]{0,30}\b(?:fail|delay|error|reject)|failure notice|notice of failure|mail (?:delivery|failure|system error)|(?:message|mail|e-?mail)[^.]{0,40}(?:could not|cannot|not) (?:be )?(?:sent|deliver)|error sending|failed (?:mail|message|delivery)|rejected (?:mail|message)|(?:message|mail) (?:rejected|bounced|delayed|status|undeliver)|(?:mail ?box|in-?box|quota)\b.{0,20}\b(?:full|exceeded)|over quota|^warning[:\s]|^bounced?\b|unknown (?:user|recipient)|unzustellbar|nicht zugestellt|zustell|non (?:remis|distribu|recapit|consegn)|[ée]chec de (?:la )?(?:remise|distribution)|mancat[ao] (?:recapito|consegna)|no (?:se (?:pudo|ha podido)|entregad)|no entregable|n[ãa]o (?:p[ôo]de|entreg)|не доставлен|недоставлен|配(?:信|達|送)|送信(?:エラー|できません|失敗)|不達|退信|投递|반송|전송 ?실패/i;

const BOUNCE_TEXT =
  /qmail-send program|created automatically by (?:the )?mail delivery|did not reach|(?:could|can) ?not be delivered|(?:was|were|has|have)(?: not|n't) (?:yet )?(?:been )?(?:delivered|sent)|(?:unable|not able|wasn't able|failed) to (?:send|deliver)|undeliverable|delivery (?:to|of|has|failed|failure|error)|address(?:es|\(es\))? (?:had|has|failed)|recipients?\b[^.]{0,40}\b(?:failed|rejected|not be reached)|transcript of session|error (?:occurred )?while|there was an error|returned to (?:you|sender)|mail delivery (?:agent|system|subsystem)|failure reasons?|не может быть доставлено|не удалось доставить|konnte[^.]{0,60}nicht zugestellt|送信できません|配信できません|无法(?:投递|送达|发送)/i;

const ROBOT = /^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|nepasrepondre|keine[-_.]?antwort)\b/i;

const DAEMON_NAME =
  /\b(?:mailer[ -]?daemon|mail delivery|delivery (?:sub)?system|postmaster|system administrator|mail (?:system|administrator)|ndr administrator|mail ?er|mmsc)\b/i;

/**
 * Whether a mail that is no standard report tells of a failed delivery. No single sign is enough: people forward
 * bounces, and write subjects like those of machines.
 */
export function looksLikeBounce({ headers, subject }: MailParts, said: string): boolean {
  const failed = isAboutFailures(headers);
  const machine = failed || isNullPath(headers) || isFromDaemon(headers) || isFromRobot(headers);
  const signs = [BOUNCE_SUBJECT.test(subject), BOUNCE_TEXT.test(said), hasReply(said), namesCause(said)];
  const words = signs.filter(Boolean).length;
  return machine && (failed || words >= (isFromDaemon(headers) ? 1 : 2));
}

function isAboutFailures(headers: Fields): boolean {
  return headers.has("x-failed-recipients") || headers.has("x-bounced-address");
}

/** `no-reply@` writes all sorts of mail, of failures among others. */
function isFromRobot(headers: Fields): boolean {
  return addressesIn(all(headers, "from", "sender").join(" ")).some((address) => ROBOT.test(address));
}

/** RFC 5321 section 4.5.5: reports have no return path, so that nothing ever answers them. */
function isNullPath(headers: Fields): boolean {
  return headers.has("return-path") && addressesIn(first(headers, "return-path")).length === 0;
}

function isFromDaemon(headers: Fields): boolean {
  const from = all(headers, "from", "sender").join(" ");
  const path = first(headers, "return-path");
  return addressesIn(`${from} ${path}`).some(isMailer) || DAEMON_NAME.test(from);
}

function isMailer(address: string): boolean {
  return isDaemon(address) && !/^no-?reply@|^bounces?@/i.test(address);
}

const REPLY_SUBJECT =
  /^\W*(?:re: ?)?(?:auto(?:mat(?:ic|ed|ische?|ique))?[- ]?(?:reply|response|respond|antwort|svar)|automatic reply|out[- ]of[- ](?:the[- ])?office|on (?:vacation|leave|holiday)|vacation|away from|i am away|abwesen|automatische antwort|urlaub|r[ée]ponse automatique|message d.absence|absen(?:ce|te?)\b|respuesta autom|fuera de|ausente|risposta automatica|fuori (?:ufficio|sede)|assenza|resposta autom|aus[êe]ncia|fora do escrit|automatisch antwoord|afwezig|autosvar|automatisk(?:t)? svar|frånvaro|fravær|automaattinen vastaus|odpowied[źz] automatyczna|autoodpowied|automatick[áa] odpov|otomatik yan[ıi]t|автоответ|автоматический ответ|отсутств|自動(?:返信|応答)|不在|自动(?:回复|答复)|자동 ?(?:응답|회신)|(?:please )?confirm your (?:message|e-?mail)|challenge|thank you for (?:your|contacting))|\b(?:verification|confirmation) (?:is )?required\b|requires? (?:sender )?verification/i;

/** A person's machine answers (RFC 3834), not a mail system. */
export function isAutoReply({ headers, subject }: MailParts): boolean {
  const submitted = first(headers, "auto-submitted").toLowerCase();
  if (submitted !== "" && !submitted.startsWith("no")) return true;
  return isMarkedReply(headers) || REPLY_SUBJECT.test(subject);
}

/** A machine answers or reports: a subject it has may be one it quotes. */
export function isAnswer({ headers, deliveryStatus, feedback }: MailParts): boolean {
  const replied = /^auto-(?:replied|notified)/i.test(first(headers, "auto-submitted"));
  return (
    replied ||
    isMarkedReply(headers) ||
    deliveryStatus.length + feedback.length > 0 ||
    /^multipart\/report\b/i.test(first(headers, "content-type"))
  );
}

function isMarkedReply(headers: Fields): boolean {
  return (
    first(headers, "precedence").toLowerCase() === "auto_reply" ||
    ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"].some((name) => headers.has(name))
  );
}

/**
 * Whether a person's machine answers, whatever it says: by its subject, or by its mark when a person is its sender. That wins
 * over a missing return path, which auto-replies have as well. A mail system that sends it under its own name must say of
 * no failure.
 */
export function isCertainReply({ subject, headers }: MailParts, said: string): boolean {
  if (isAboutFailures(headers)) return false;
  if (isFromDaemon(headers)) {
    return REPLY_SUBJECT.test(subject) && !BOUNCE_TEXT.test(said) && !hasReply(said);
  }
  const marked = /^auto-replied/i.test(first(headers, "auto-submitted")) || isMarkedReply(headers);
  return REPLY_SUBJECT.test(subject) || (marked && !isFromRobot(headers) && !BOUNCE_SUBJECT.test(subject));
}

/**
 * Reports about a domain, not about a mail: DMARC aggregates (RFC 7489 section 7.2.1.1), TLS reports (RFC 8460),
 * receipts (RFC 8098).
 */
export function otherReport({ headers, subject, types }: MailParts): string | null {
  const contentType = first(headers, "content-type").toLowerCase();
  if (types.includes("message/disposition-notification")) return "receipt";
  if (/report-type="?disposition-notification/.test(contentType)) return "receipt";
  if (/report-type="?tlsrpt/.test(contentType) || types.some((type) => type.startsWith("application/tlsrpt")))
    return "TLS report";
  const dmarc = /\breport domain:.{1,300}\bsubmitter:|\bdmarc (?:aggregate |summary )?report\b/i;
  return dmarc.test(subject) ? "DMARC report" : null;
}

/** Feedback loops older than RFC 5965 return the mail under a subject like these. */
export function looksLikeComplaint({ subject, original }: MailParts): boolean {
  const says =
    /^\W*(?:complaint (?:about|from|regarding)|(?:abuse|spam|junk)(?: e?-?mail)? (?:report|complaint)|feedback (?:loop )?report|client tos notification)/i;
  return original !== null && says.test(subject);
}
