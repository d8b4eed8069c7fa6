/** What a wording means. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly kind: "hard" | "soft";
  /** RFC 3463 status that says the same. */
  readonly status: string;
}

const hard = (status: string, pattern: RegExp): Phrase => ({ kind: "hard", status, pattern });
const soft = (status: string, pattern: RegExp): Phrase => ({ kind: "soft", status, pattern });

// An addressee, as servers call one; a gap that stays within a clause; and what may be wrong with one.
const WHO =
  "(?:users?|user ?name|user ?id|recipients?|accounts?|mail ?box|in-?box|mail ?drop|(?:e-?mail )?address(?:ee)?|alias|local[- ]?part|customer|subscriber|member|person|employee|destinatary|group)";
const GAP = "[^.;:!?]{0,48}?";
const GONE =
  "(?:unknown|(?:was |is |be |been )?not (?:be )?found|non-?exist\\w*|(?:does ?n[o']?t|does not|do not|did not|no longer|not) exists?|(?:is |are |was )?(?:invalid|undefined|not (?:known|listed|valid|recogni[sz]ed|local|a valid|a known|our|registered|on this server))|could(?: ?n[o']t| not)? be (?:found|located)|cannot be (?:found|located))";

/**
 * In order: what names the sender's fault comes before what names the reader's address, because servers say
 * "sender address unknown" as well as "address unknown", and a reader must not pay for a fault of ours.
 * Matched against lower-case text without addresses and links.
 */
export const PHRASES: readonly Phrase[] = [
  // Ours: the sending address, host, volume.
  soft(
    "5.1.8",
    /sender(?:'s)?\b[^.;]{0,40}(?:reject|denied|refused|fail|unknown|invalid|not (?:exist|found|allowed|accept)|verif)|invalid sender|bad sender|verification failed for|your (?:e-?mail )?(?:domain|address) (?:does not|is not|could not)|mail from[^.;]{0,30}(?:not|reject|invalid|unknown)/,
  ),
  soft(
    "5.7.25",
    /reverse (?:dns|lookup)|\bptr\b|\brdns\b|(?:find|resolve) your (?:host|domain|reverse|ip)|(?:helo|ehlo)\b[^.;]{0,60}(?:reject|denied|invalid|not found)|client host/,
  ),
  soft("5.5.3", /too many (?:recipients|rcpt)/),
  soft(
    "4.7.1",
    /too many |rate[- ]limit|throttl|gr[ae]y-?list|temporarily (?:deferred|blocked|rejected|rate)|unusual (?:rate|volume)|unexpected volume|too (?:fast|frequent|much mail)|exceed\w* (?:the )?(?:rate|hourly|daily|sending)/,
  ),
  soft("5.7.23", /\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|unauthenticated|not authenticated/),
  soft("5.7.1", /authentication (?:is )?required|authrequired|require(?:s|d)? authentication|auth required/),
  soft(
    "5.7.1",
    /dns-?bl|\brbls?\b|black-?list|block-?list|deny ?list|spamhaus|spamcop|sorbs|barracuda|(?<!not )\blisted (?:in|at|by|on)\b|poor reputation|low reputation|bad reputation/,
  ),
  soft(
    "5.7.1",
    /relay(?:ing)?\b[^.;]{0,20}(?:denied|not (?:permitted|allowed|accepted)|prohibited|forbidden)|(?:unable|not permitted|not allowed|cannot|do not) (?:to )?relay/,
  ),
  // Full, too large, going round.
  soft(
    "5.2.2",
    /(?:mail ?box|mail ?folder|in-?box|mail ?drop|account|spool)\b[^.;]{0,40}\b(?:full|over ?quota|over (?:its|the|their) (?:quota|limit)|exceed\w*)|mailbox[- _]?full|over ?quota|quota\b[^.;]{0,30}(?:exceed|full|over|violat|reached)|(?:exceed\w*|over|reached)\b[^.;]{0,40}(?:quota|storage|mailbox size|mailbox limit)|storage (?:limit|allocation|space)|(?:out of|no|insufficient|not enough) (?:\w+ )?(?:space|storage)|disk full/,
  ),
  soft(
    "5.2.2",
    /postfach[^.]{0,30}voll|speicherplatz|bo[iî]te[^.]{0,40}pleine|quota d[ée]pass|buz[oó]n[^.]{0,30}(?:llen|exced)|casella[^.]{0,30}piena|caixa[^.]{0,30}cheia|postvak[^.]{0,20}vol\b|ящик[^.]{0,40}(?:переполнен|полон)|квот|容量(?:が|を|不足|オーバ|超)|(?:いっぱい|一杯)で|(?:邮箱|郵箱|信箱|空间)[^。]{0,10}(?:满|滿|超)|사서함[^.]{0,20}(?:가득|초과)/,
  ),
  soft(
    "5.3.4",
    /(?:message|mail|body|attachments?|headers?)\b[^.;]{0,40}(?:too (?:large|big|long)|exceed\w*[^.;]{0,40}(?:size|limit|maximum|length))|(?:maximum|max) (?:\w+ )?size|size (?:limit|exceed)|too large|nachricht[^.]{0,30}zu gro[sß]/,
  ),
  soft(
    "5.4.6",
    /hop count|too many hops|routing loop|mail (?:forwarding )?loop|loops? back|looping|maximum hop|excessive hop/,
  ),
  soft(
    "4.4.3",
    /not found,? (?:please )?try again|dns query failed|(?:name ?server|dns)[^.;]{0,30}(?:time(?:d )?-?out|temporar|fail)|temporar\w+[^.;]{0,30}(?:lookup|resol|dns)|servfail/,
  ),
  soft("4.2.1", /(?:temporarily|currently) (?:\w+ )?(?:disabled|suspended|inactive|locked|unavailable)/),
  // The domain takes no mail.
  hard(
    "5.1.2",
    /(?:host|domain|hostname)\b(?: name)?[^.;:!?]{0,40}?(?:unknown|not found|(?:does ?n[o']t|does not|did not|not) (?:exist|resolve)|non-?existent|is invalid|is not (?:reachable|valid))|(?:unknown|no such|bad|invalid|illegal|non-?existent) (?:mail )?(?:host|domain)|nxdomain|(?:could ?n[o']t|could not|cannot|can't|unable to) (?:find|resolve|locate)(?: any)? (?:a )?(?:host|domain|mx)|null mx|nullmx|no mx\b|unrout(?:e)?able|unresolvable|does(?: ?n[o']t| not) (?:accept|receive|handle) (?:any )?e?-?mail(?! from)|(?:domain|ドメイン)[^。.]{0,20}(?:存在しない|見つかりません)|域名不存在|domain (?:nicht gefunden|existiert nicht)|домен[^.]{0,20}не (?:найден|существует)/,
  ),
  // The reader has moved, or the address is closed.
  hard(
    "5.1.6",
    new RegExp(
      `${WHO}\\b${GAP}\\b(?:has (?:been )?(?:moved|changed)|have changed)|has moved to|no longer (?:works?|employed|with (?:us|the)|at this|on this|in use|valid|active|available)|left the (?:company|organi[sz]ation)`,
    ),
  ),
  hard(
    "5.2.1",
    new RegExp(
      `${WHO}\\b${GAP}\\b(?:disabled|inactive|inactivated|suspended|deactivated|closed|terminated|discontinued|expired|not active|(?:been )?(?:removed|deleted|cancell?ed))|(?:disabled|inactive|suspended|deactivated|closed|deleted|dormant) (?:\\w+ )?${WHO}|konto[^.]{0,30}(?:deaktiviert|gesperrt)|compte[^.]{0,30}(?:d[ée]sactiv|suspendu|ferm)|cuenta[^.]{0,30}(?:desactivada|suspendida)|ящик[^.]{0,30}(?:заблокирован|отключ|удал)|停用|禁用`,
    ),
  ),
  // There is no such reader.
  hard(
    "5.1.1",
    new RegExp(
      `${WHO}\\b${GAP}\\b${GONE}|(?:unknown|invalid|no such|bad|illegal|non-?existent|unrecogni[sz]ed|undefined|no valid|not a valid|not a known|unable to find|could ?n[o']t find|could not find|cannot find|can't find|can not find)\\b[^.;:!?]{0,24}?\\b${WHO}\\b`,
    ),
  ),
  hard(
    "5.1.1",
    /does ?n[o']t have an?\b[^.;]{0,60}\baccount|no (?:mailbox|account|user|recipient) (?:here|by that|with that|named|found)|nobody (?:here )?by that name|not our customer|recipient address rejected: access denied|no (?:valid|known) recipients?|mailbox unavailable|address (?:is )?(?:no longer|not) (?:exist|in service)|no one here|not listed in[^.;]{0,40}(?:name|address|book|directory)|recipnotfound|(?:email )?address (?:you|that)[^.;]{0,40}(?:wrong|misspelled|not exist)/,
  ),
  hard(
    "5.1.1",
    /(?:destinataire|utilisateur|adresse)[^.]{0,40}(?:inconnu|invalide|inexistant|n'existe (?:pas|plus))|(?:empf[äa]nger|benutzer|adresse|postfach|konto)[^.]{0,40}(?:unbekannt|nicht gefunden|existiert nicht|ung[üu]ltig)|unbekannte[rn]? (?:empf|benutz|adress)|(?:usuario|destinatario|cuenta|direcci[oó]n|buz[oó]n|casella|utente|indirizzo|usu[áa]rio|endere[çc]o|conta)[^.]{0,40}(?:desconocid|inexist|no existe|no (?:se )?encontr|sconosciut|non (?:esiste|trovat)|desconhecid|n[ãa]o (?:existe|encontrad))|(?:gebruiker|ontvanger)[^.]{0,20}onbekend|onbekende (?:gebruiker|ontvanger)|nieznany (?:u[żz]ytkownik|odbiorca)/,
  ),
  hard(
    "5.1.1",
    /(?:пользовател|адрес|ящик|получател)[^.]{0,40}(?:не найден|не существует|неизвест|недействит|нет)|нет такого|(?:宛先|あて先|アドレス|ユーザ|受信者)[^。]{0,24}(?:不明|見つか(?:りません|らない|りま)|存在し(?:ません|ない)|無効)|(?:用户|用戶|收件人|邮箱|郵箱|账号|帐号|地址)[^。]{0,16}(?:不存在|无效|無效|未找到)|查无此|(?:사용자|수신자|주소)[^.]{0,20}(?:찾을 수 없|존재하지)/,
  ),
];

/** Weaker words: they count only when neither a phrase above nor a status said more. All of them are soft. */
export const WEAK_PHRASES: readonly Phrase[] = [
  soft(
    "4.4.7",
    /(?:envelope|message|delivery|retry|queue)[^.;]{0,40}(?:expired|time-?out|timed out|time exceeded)|retry time not reached|in the queue too long|has been delayed|not yet been delivered|will be retried|deliver\w* (?:for the last|after|within) \d+ (?:seconds|minutes|hours|days)/,
  ),
  soft(
    "4.4.1",
    /connection (?:\w+ )?(?:refused|timed out|reset|lost|dropped|closed|failed)|(?:could ?n[o']t|could not|unable to|cannot|wasn't able to|failed to) (?:connect|establish)|unreachable|not reachable|no route|timed? ?-?out|socket error|requests to connect|name service error/,
  ),
  soft(
    "5.7.1",
    /spam|\bjunk\b|unsolicited|phish|virus|malware|infected|blocked|banned|reputation|polic(?:y|ies)|content|denied|prohibited|forbidden|not (?:authori[sz]ed|allowed|permitted|accept(?!ing connections))|refus|rejected/,
  ),
  soft(
    "4.3.0",
    /service (?:is )?(?:currently |temporarily )?(?:unavailable|not available)|temporar|try again|system (?:config|error|problem|resources)|internal (?:server )?error|not accepting|overload|insufficient resources|local error|pipe to|child status|improper sequence/,
  ),
];
