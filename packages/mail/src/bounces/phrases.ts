import { CLOSED_ABROAD, DOMAIN_ABROAD, FULL_ABROAD, NOBODY_ABROAD } from "./phrases-abroad.ts";

/** What a wording means. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly kind: "hard" | "soft";
  /** RFC 3463 status that says the same. */
  readonly status: string;
}

const either = (patterns: readonly RegExp[]) =>
  new RegExp(patterns.map(({ source }) => source).join("|"), "g");
const hard = (status: string, ...patterns: RegExp[]): Phrase => ({
  kind: "hard",
  status,
  pattern: either(patterns),
});
const soft = (status: string, ...patterns: RegExp[]): Phrase => ({
  kind: "soft",
  status,
  pattern: either(patterns),
});

// An addressee, as servers call one; a gap that stays within a clause; and what may be wrong with one.
const WHO =
  "(?:users?|user ?name|user ?id|recipients?|accounts?|mail ?box|in-?box|mail ?drop|(?:e-?mail )?address(?:es|ee)?|alias|local[- ]?part|customer|subscriber|member|person|employee|destinatary|group)";
const GAP = "[^.;:!?]{0,48}?";
const BE = "(?:is |are |was |were |been )?";
const NOT_EXIST = "(?:does ?n[o']t|does not|do not|did not|no longer|not) exists?";
const NOT_A = "not (?:known|present|ok\\b|listed|valid|recogni[sz]ed|local|our|registered|on this server)";
const NOT_ANY = "not an? (?:valid|known|local|active|registered)";
const NOT_FOUND = "(?:could(?: ?n[o']t| not)?|can't|can ?not) be (?:found|located|verified)";
const GONE = `(?:${BE}unknown|${BE}(?:be )?not (?:be )?found|non-?exist\\w{0,8}|${NOT_EXIST}|${BE}(?:invalid|undefined|${NOT_A}|${NOT_ANY})|${NOT_FOUND})`;
const NO_SUCH =
  "(?:unknown|invalid|no such|bad|illegal|non-?existent|unrecogni[sz]ed|undefined|not an? (?:valid|known|local|active)|(?:unable to|could ?n[o']t|could not|can ?not|can't) find)";
const CLOSED =
  "(?:disabled|inactive|inactivated|not active|suspended|deactivated|closed|terminated|discontinued|frozen|expired|archived|(?:been )?(?:removed|deleted|cancell?ed))";

/** Something about an addressee. */
const who = (what: string) => new RegExp(`${WHO}\\b${GAP}\\b${what}`);

/**
 * In order: what names the sender's fault comes before what names the reader's address, because servers say
 * "sender address unknown" as well as "address unknown", and a reader must not pay for a fault of ours.
 * Matched against lower-case text without addresses and links.
 */
export const PHRASES: readonly Phrase[] = [
  // Ours: the sending address, host, volume.
  soft(
    "5.1.8",
    /sender(?:'s)?\b[^.;]{0,40}(?:reject|denied|refused|fail|unknown|invalid|not (?:exist|found|allowed|accept)|must exist|verif)/,
    /(?:invalid|bad|unverified) sender|verification failed for|mail from[^.;]{0,30}(?:not|reject|invalid|unknown)/,
    /your (?:e-?mail )?(?:domain|address) (?:does not|is not|could not)|\bbatv\b|backscatter|bouncedeny/,
  ),
  soft(
    "5.7.25",
    /reverse (?:dns|lookup)|\bptr\b|\brdns\b|(?:find|resolve) your (?:host|domain|reverse|ip)|client host/,
    /(?:helo|ehlo)\b[^.;]{0,60}(?:reject|denied|invalid|not found)|invalid (?:helo|ehlo)/,
    /\bmy name was rejected|\bgreeting failed/,
  ),
  soft("5.5.3", /too many (?:recipients|rcpt)/),
  soft(
    "4.7.1",
    /too many |rate[- ]limit|throttl|gr[ae]y-?list|temporarily (?:deferred|blocked|rejected|rate)/,
    /unusual (?:rate|volume)|unexpected volume|too (?:fast|frequent|much mail)|receiving (?:e-?)?mail (?:too|at a rate)/,
    /exceed\w{0,8} (?:the )?(?:rate|hourly|daily|sending)/,
  ),
  soft("5.7.23", /\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|unauthenticated|not authenticated/),
  soft(
    "5.7.1",
    /authentication (?:is )?required|authrequired|require(?:s|d)? authentication|auth required/,
    /starttls|\btls (?:is )?required/,
  ),
  soft(
    "5.7.1",
    /dns-?bl|\brbls?\b|black-?list|block-?list|deny ?list|spamhaus|spamcop|sorbs|barracuda/,
    /(?<!not )\blisted (?:in|at|by|on)\b|(?:poor|low|bad) reputation/,
  ),
  soft(
    "5.7.1",
    /relay(?:ing)?\b[^.;]{0,20}(?:denied|not (?:permitted|allowed|accepted)|prohibited|forbidden)/,
    /(?:unable|not permitted|not allowed|cannot|do not) (?:to )?relay|no relay access/,
  ),
  // What a filter took it for, whatever status it gives.
  soft(
    "5.7.1",
    /(?:classified|identified|detected|considered|recogni[sz]ed|marked|flagged|rejected|blocked|looks?|scored) (?:as|like|for|to be|due to|because of)\b[^.;]{0,24}\b(?:spam|junk|unsolicited|bulk|phish|virus)/,
    /\b(?:spam|junk)\b (?:message|mail|e-?mail|content|detected|score|filter|reject|refus|block|not accept)|\banti-?spam\b|unsolicited (?:bulk )?(?:e-?)?mail|(?:message|content|mail) (?:contains?|containing) (?:spam|a virus|malware)/,
  ),
  // The reader does not want it.
  soft(
    "5.7.1",
    /recipient (?:preferences|refuses)|refuses? to (?:receive|accept)|\buser(?: rules|(?:'s)? reject|-defined)/,
    /blocked by (?:the |this )?(?:recipient|user)|only accept\w{0,8} (?:e-?mails?|messages) from/,
    /not (?:on|in) [^.;]{0,40}\b(?:allowed|approved|safe|white) ?-?(?:list|senders)|delivery to this address is restricted/,
  ),
  // Full, too large, in a loop.
  soft(
    "5.2.2",
    /(?:mail ?box|mail ?folder|in-?box|mail ?drop|account|spool|maildir)\b[^.;]{0,40}\b(?:full|over ?quota|over (?:its|the|their) (?:quota|limit)|exceed\w{0,8})/,
    /(?:mailbox[- _]?|mailfolder )full|full mailbox|over ?quota|quota\b[^.;]{0,30}(?:exceed|full|over|violat|reached|used)/,
    /(?:exceed\w{0,8}|over|reached)\b[^.;]{0,40}(?:quota|storage|mailbox size|mailbox limit)|storage (?:limit|allocation|space)/,
    /(?:out of|no|insufficient|not enough|does not have enough) (?:\w{1,30} )?(?:space|storage)|space has been used|disk full/,
  ),
  soft("5.2.2", FULL_ABROAD),
  soft(
    "5.3.4",
    /(?:message|mail|body|attachments?|headers?)\b[^.;]{0,40}(?:too (?:large|big|long)|exceed\w{0,8}[^.;]{0,40}(?:size|limit|maximum|length))/,
    /(?:maximum|max) (?:\w{1,30} )?size|size (?:limit|exceed)|too large|nachricht[^.]{0,30}zu gro[sß]/,
  ),
  soft(
    "5.4.6",
    /hop count|too many hops|(?:routing|forwarding|mail) loop|loops? back|looping|maximum hop|excessive hop/,
  ),
  // A name server that says so has looked; one that fails, or whose answer is damaged, has not.
  hard("5.1.2", /\bnx_?domain\b|\b(?:error|rcode|response code) nx/),
  soft(
    "4.4.3",
    /(?:malformed|unexpected|invalid|bogus|bad|corrupt(?:ed)?|damaged|truncated|garbled|unparsable|incomplete) (?:or unexpected )?(?:name ?server|dns)\b/,
    /(?:name ?server|dns|resolver)\b[^.;]{0,30}(?:reply|response|answer|packet)s?\b[^.;]{0,30}(?:malformed|invalid|corrupt|damaged|truncated|garbled|bad|not be (?:parsed|read|understood)|unexpected)/,
    /\bservfail|\bformerr|\bserver failure|dnssec|responded with code (?:refused|server|format|timeout)|\beai_again|temporary failure in name resolution/,
    /name ?servers?\b[^.;]{0,30}(?:not (?:respond|answer|reach)|un(?:reachable|available|responsive)|refused|lame)|no (?:name ?servers?|dns servers?)\b[^.;]{0,20}(?:reach|answer|respond|available)/,
    /(?:host ?name|name|mx|address|domain) lookup (?:failure|failed|error|problem|did not complete|timed out)|lookup did not complete|(?:dns|mx|a record|resolver)\b[^.;]{0,20}(?:lookup|query|resolution)[^.;]{0,40}(?:failed|failure|error|time)\b(?!:? ?(?:host|no such|domain|name|record|non|not))/,
    /not found,? (?:please )?try again|dns query failed|temporar\w{1,30}[^.;]{0,30}(?:lookup|resol|dns)/,
    /(?:name ?server|dns)[^.;]{0,30}(?:time(?:d )?-?out|temporar|fail(?!ure:? ?(?:host|domain|no such|name|nx)))|(?:lookup|resol\w{1,30}) failed temporar/,
  ),
  soft(
    "4.2.1",
    /(?:temporar(?:il)?y|currently) (?:\w{1,30} )?(?:disabled|suspended|inactive|locked|unavailable|limited)/,
  ),
  // The domain takes no mail.
  hard(
    "5.1.2",
    new RegExp(
      `(?:host|domain|hostname)\\b(?: name)?[^.;:!?]{0,40}?(?:unknown|not found|${NOT_EXIST}|(?:does ?n[o']t|does not|did not) resolve|non-?existent|is invalid|must exist|is not (?:reachable|valid))`,
    ),
    /(?:unknown|no such|bad|invalid|illegal|non-?existent) (?:mail )?(?:host|domain)|nxdomain|name or service not known/,
    /(?:could ?n[o']t|could not|can ?not|can't|unable to) (?:find|resolve|locate)(?: any)? (?:a )?(?:mail )?(?:exchanger|host|domain|mx)|unable to lookup dns/,
    /null mx|nullmx|no mx\b|unrout(?:e)?able|unresolvable|does(?: ?n[o']t| not) (?:accept|receive|handle) (?:any )?e?-?mail(?! from)/,
    /destination (?:e-?mail )?system is unknown|(?:mx records?|destination) point\w{0,8} to non-?existent/,
  ),
  hard("5.1.2", DOMAIN_ABROAD),
  // The reader has moved, or the address is closed.
  hard(
    "5.1.6",
    who(
      "(?:has (?:been )?(?:moved|changed)|have changed|has been replaced by|no longer (?:works?|accepts?|employed|with (?:us|the)|at this|on (?:this|the)|in use|valid|active|available))",
    ),
    /has moved to|no longer (?:works? (?:here|for)|employed|with (?:us|the company))|left the (?:company|organi[sz]ation)/,
  ),
  hard(
    "5.2.1",
    who(CLOSED),
    new RegExp(
      `(?:disabled|inactive|suspended|deactivated|closed|deleted|dormant|archived) (?:\\w{1,30} )?${WHO}\\b`,
    ),
    /(?:due to|extended|prolonged) inactivity|suspend(?:ed)? the service/,
  ),
  hard("5.2.1", CLOSED_ABROAD),
  // There is no such reader.
  hard("5.1.1", who(GONE), new RegExp(`${NO_SUCH}\\b[^.;:!?]{0,24}?\\b${WHO}\\b`)),
  hard(
    "5.1.1",
    /does ?n[o']t have an?\b[^.;]{0,60}\baccount|no (?:mail ?box|account|user|recipient) (?:here|by that|with that|named|found|available)/,
    /nobody (?:here )?by that name|no (?:one|such person)\b[^.;]{0,20}\b(?:here|at this address)|not our customer/,
    /recipient address(?:es)? rejected ?: (?:access denied|userunknown)|5\.1\.0 address rejected|can(?:'t|not) accept user/,
    /not listed in[^.;]{0,40}(?:name|address|book|directory)|in name directory|name (?:was )?not (?:found|recogni[sz]ed)|name is not recogni[sz]ed/,
    /(?<!5\.5\.1 (?:error: )?)no (?:valid|known) (?:recipient|user|mailbox)s?\b(?! from)|recip(?:ient)?notfound|badrcptto|validrcptto|missing home directory/,
    /(?:email )?address (?:you|that)[^.;]{0,40}(?:wrong|misspelled|not exist)|address (?:is )?(?:no longer|not) (?:exist|in service)/,
    new RegExp(`<?@>? (?:${BE}not found|${NOT_EXIST}|${BE}unknown)`),
    /\bthis (?!message|mail|file|directory|host|domain)\w{1,30} does not exist/,
  ),
  hard("5.1.1", NOBODY_ABROAD),
];

/**
 * Words of filters. They count when the server gave no status of its own: a Status field made by the reporting system
 * says `5.1.1` of any 550.
 */
export const POLICY_PHRASES: readonly Phrase[] = [
  soft(
    "5.7.1",
    /spam|\bjunk\b|unsolicited|phish|virus|malware|infected|blocked|banned|reputation|polic(?:y|ies)|content/,
    /prohibited|forbidden|not (?:authori[sz]ed|allowed|permitted)|access denied/,
  ),
];

/** Weaker words: they count only when neither a phrase above nor a status said more. */
export const WEAK_PHRASES: readonly Phrase[] = [
  soft(
    "4.4.7",
    /(?:envelope|message|delivery|retry|queue)[^.;]{0,40}(?:expired|time-?out|timed out|time exceeded)|in the queue too long/,
    /retry time not reached|has been delayed|not yet been delivered|will be retried/,
    /deliver\w{0,8} (?:for the last|after|within) \d+ (?:seconds|minutes|hours|days)|time limit specified/,
  ),
  soft(
    "4.4.1",
    /connection (?:\w{1,30} )?(?:refused|timed out|reset|lost|dropped|closed|failed)|requests to connect|name service error/,
    /(?:could ?n[o']t|could not|unable to|cannot|wasn't able to|failed to) (?:connect|establish)/,
    /unreachable|not reachable|no route|timed? ?-?out|socket error/,
  ),
  hard(
    "5.1.1",
    new RegExp(
      `${WHO}\\b:? ?(?:(?!server|system|service|host|domain)\\S{1,40} )?(?:is )?(?:unavailable|not available)`,
    ),
  ),
  soft("5.7.1", /denied|refus|rejected|not accept(?!ing connections)/),
  soft(
    "4.3.0",
    /service (?:is )?(?:currently |temporarily )?(?:unavailable|not available)|temporar|try again|not accepting|overload/,
    /system (?:config|error|problem|resources)|internal (?:server )?error|insufficient resources|local error/,
    /pipe to|child status|improper sequence/,
  ),
];
