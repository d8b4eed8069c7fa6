/** The same in other languages; matched against lower-case text without addresses and links. */
const either = (...patterns: RegExp[]) => new RegExp(patterns.map(({ source }) => source).join("|"));

export const FULL_ABROAD = either(
  /postfach[^.]{0,30}voll|speicherplatz/,
  /bo[iî]te[^.]{0,40}pleine|quota d[ée]pass/,
  /buz[oó]n[^.]{0,30}(?:llen|exced)|casella[^.]{0,30}piena|caixa[^.]{0,30}cheia|postvak[^.]{0,20}vol\b/,
  /ящик[^.]{0,40}(?:переполнен|полон)|квот/,
  /容量(?:が|を|不足|オーバ|超)|(?:いっぱい|一杯)で|(?:邮箱|郵箱|信箱|空间)[^。]{0,10}(?:满|滿|超)|사서함[^.]{0,20}(?:가득|초과)/,
);

export const DOMAIN_ABROAD = either(
  /(?:domain|ドメイン)[^。.]{0,20}(?:存在しない|見つかりません)|域名不存在/,
  /domain (?:nicht gefunden|existiert nicht)|домен[^.]{0,20}не (?:найден|существует)/,
);

export const CLOSED_ABROAD = either(
  /konto[^.]{0,30}(?:deaktiviert|gesperrt)|compte[^.]{0,30}(?:d[ée]sactiv|suspendu|ferm)|bo[iî]te[^.]{0,30}archiv/,
  /cuenta[^.]{0,30}(?:desactivada|suspendida)|ящик[^.]{0,30}(?:заблокирован|отключ|удал)|停用|禁用/,
);

export const NOBODY_ABROAD = either(
  /(?:destinataire|utilisateur|adresse)[^.]{0,40}(?:inconnu|invalide|inexistant|n'existe (?:pas|plus))/,
  /(?:empf(?:[äa]|ae)nger|benutzer|adresse|postfach|konto)[^.]{0,40}(?:unbekannt|nicht gefunden|existiert nicht|ung(?:[üu]|ue)ltig)/,
  /unbekannte[rn]? (?:empf|benutz|adress)/,
  /(?:usuario|destinatario|cuenta|direcci[oó]n|buz[oó]n|casella|utente|indirizzo|usu[áa]rio|endere[çc]o|conta)[^.]{0,40}(?:desconocid|inexist|no existe|no (?:se )?encontr|sconosciut|non (?:esiste|trovat)|desconhecid|n[ãa]o (?:existe|encontrad))/,
  /no existe (?:dicha|es[ae]) |nessun utente/,
  /(?:gebruiker|ontvanger)[^.]{0,20}onbekend|onbekende (?:gebruiker|ontvanger)|nieznany (?:u[żz]ytkownik|odbiorca)/,
  /(?:пользовател|адрес|ящик|получател)[^.]{0,40}(?:не найден|не существует|неизвест|недействит|нет)|нет такого/,
  /(?:宛先|あて先|アドレス|ユーザ|受信者)[^。]{0,24}(?:不明|見つか(?:りません|らない|りま)|存在し(?:ません|ない)|無効)/,
  /(?:用户|用戶|收件人|邮箱|郵箱|账号|帐号|地址)[^。]{0,16}(?:不存在|无效|無效|未找到)|查无此/,
  /(?:사용자|수신자|주소)[^.]{0,20}(?:찾을 수 없|존재하지)/,
);
