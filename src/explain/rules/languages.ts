import type { Rule } from '../rule.js';
import { worded } from './worded.js';

/**
 * The commonest failures in the languages that consoles, systems and libraries answer in: German, French, Spanish,
 * Italian, Portuguese, Dutch, Japanese, Chinese, Russian. Only ever pasted (explain/paste).
 */
export const languageRules: readonly Rule[] = [
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'connect' },
    {
      'connect-refused':
        /expressément refusé|Połączenie odrzucone|Spojení odmítnuto|Förbindelsen (?:förvägra|vägra)|Bağlantı reddedildi|rifiuto persistente|actief (?:heeft )?geweigerd|aktywnie (?:go )?odmawia|aktivně odmítl|nekade (?:det )?aktivt|etkin olarak redd|によって拒否され|연결을 거부|Verbindung(?:saufbau)? (?:wurde )?(?:abgelehnt|verweigert)|Zielcomputer die Verbindung verweigerte|connexion (?:a été )?refusée|refusé(?:e)? (?:expressément )?(?:la|cette) connexion|conexi[oó]n (?:rehusada|rechazada|denegada)|deneg[oó] expresamente|connessione (?:è stata )?rifiutata|rifiutato (?:attivamente )?la connessione|(?:conex[aã]o|liga[cç][aã]o) (?:foi )?recusada|recusou(?:-as)? ativamente|verbinding (?:is |werd )?geweigerd|接続[をがは]*拒否|拒绝(?:了)?连接|连接被拒绝|積極拒絕|积极拒绝|連線(?:被)?(?:拒絕|遭拒)|соединении отказано|отверг запрос/i,
      'connect-timeout-mail':
        /Przekroczono (?:limit )?czas|Zeit(?:limit|überschreitung|ueberschreitung)|Wartezeit für die Verbindung|Verbindungs-?Timeout|d[ée]lai (?:d['’]attente|de connexion)|connexion terminée par expiration|expir[oó] el tiempo|tiempo de (?:espera|conexi[oó]n) (?:agotado|expirado)|(?:agotado|superado) el tiempo|tempo scaduto|connessione scaduta|timeout (?:della|di) connessione|tempo (?:limite|esgotado)|(?:conex[aã]o|tempo) expirou|time-?out (?:van|bij)|verbinding is verlopen|タイムアウト|连接超时|连线逾时|連線逾時|超时|время ожидания|тайм-?аут|Gegenstelle nach einer|tentative de connexion a échoué|parte conectada no respondi[oó]|parte connessa dopo|componente conectado n[aã]o respondeu|verbonden (?:party|partij) niet|没有正确答复|沒有正確回應|正しく応答しなかった|не получен нужный отклик/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'connect' },
    {
      'connect-no-route':
        /Kein Weg zum Zielrechner|chemin d['’]accès pour atteindre l['’]hôte|No existe ninguna ruta hasta|Nessun instradamento|Нет маршрута|没有到主机的路由|ホストへの経路|(?:Netzwerk|Rechner) ist nicht erreichbar|réseau n['’]est pas accessible|red es inaccesible|rete non è raggiungibile|Сеть недоступна|网络不可达|ネットワークに到達/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-general-in-words', stage: 'connect', weight: 'general' },
    {
      'connect-refused':
        /Verbindung mit dem Remoteserver kann nicht|connecter au serveur distant|conectar con el servidor remoto|connessione al server remoto|conectar-se ao servidor remoto|无法连接到远程服务器|無法連接至遠端伺服器|リモート サーバーに接続|соединиться с удал[её]нным сервером|połączyć się z serwerem zdalnym/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'dns' },
    {
      'dns-no-such-name':
        /Remotename konnte nicht|nom distant n['’]a pas pu|resolver el nombre remoto|risolvere il nome remoto|nome remoto n[aã]o p[oô]de|解析此远程名称|リモート名を解決|разрешить удал[её]нное имя|rozpoznać nazwy zdalnej|Name oder (?:der )?Dienst (?:ist )?nicht bekannt|Der angegebene Host ist unbekannt|Host ist unbekannt|Namensauflösung|Nom ou service inconnu|H[oô]te inconnu|résolution du nom|Nombre o servicio desconocido|Host desconocido|resoluci[oó]n del? nombre|Nome o servizio sconosciuto|Host sconosciuto|risoluzione del nome|Nome ou servi[cç]o desconhecido|resolu[cç][aã]o de nomes?|Naam of dienst (?:is )?niet bekend|onbekende host|naamomzetting|名前またはサービス|名前解決|ホストが見つかりません|未知的名称或服务|未知的名稱或服務|域名解析|不知道这样的主机|無法解析|无法解析|Имя или служба не извест|разрешени\S{1,3} им[её]н|хост неизвестен/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'tls' },
    {
      'tls-certificate-expired':
        /Zertifikat[^.]{0,40}abgelaufen|certificat[^.]{0,30}(?:a )?expiré|certificado[^.]{0,30}(?:caducado|expirado|expirou|vencido)|certificato[^.]{0,20}scaduto|certificaat[^.]{0,20}verlopen|証明書の有効期限|证书[^。]{0,10}过期|憑證[^。]{0,10}過期|срок действия сертификата/i,
      'tls-name-mismatch':
        /Name im Zertifikat|Zertifikat[^.]{0,60}stimmt nicht (?:überein|mit)|certificat[^.]{0,60}ne correspond pas|certificado[^.]{0,60}no coincide|certificato[^.]{0,60}non corrisponde|certificado[^.]{0,60}n[aã]o (?:corresponde|coincide)|certificaat[^.]{0,60}komt niet overeen|证书名称|名称不匹配/i,
      'tls-issuer-unknown':
        /keine Vertrauensstellung|relation de confiance|relaci[oó]n de confianza|relazione di trust|relação de confiança|Remotezertifikat ist|Zertifikat[^.]{0,60}(?:nicht vertrau|ungültig|selbst ?signiert)|nicht vertrauenswürdigen? Zertifizierungsstelle|certificat (?:distant|auto-?signé)|certificat[^.]{0,40}n['’]est pas (?:valide|fiable|approuvé)|certificado (?:remoto|autofirmado|autoassinado)|certificado[^.]{0,40}n[oã]o? (?:es|é) (?:v[aá]lido|confiable|confi[aá]vel|de confianza)|certificato (?:remoto|autofirmato)|certificato[^.]{0,40}non (?:è )?(?:valido|attendibile)|externe certificaat|certificaat[^.]{0,40}niet (?:geldig|vertrouwd)|自己署名|証明書は無効|信頼(?:され|でき)な|证书无效|不受信任|不信任的|憑證無效|самоподписанный|сертификат[^.]{0,40}недействителен|не является доверенным/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'auth', weight: 'number' },
    {
      'imap-login-failed':
        /(?:Authentifi[sz]ierung|Anmeldung|Einloggen)(?: am \S{1,30}| ist)? (?:fehlgeschlagen|gescheitert)|échec (?:de l['’]|d['’])(?:authentification|identification)|échec de (?:la )?connexion au serveur IMAP|(?:fallo|error) (?:de|en la|al) autentica\S{2,5}|autenticazione (?:non riuscita|fallita)|(?:falha|erro) (?:na|de|ao) autentica\S{2,4}|authenticatie (?:is )?mislukt|aanmelden mislukt|认证失败|身份验证失败|登录失败|驗證失敗|登入失敗|認証に失敗|ログインに失敗|ошибка (?:авторизации|аутентификации)|uwierzytelni\S{2,5} nie powiod|nieudana autoryzacja|ověření selhalo|autentisering misslyckades|인증에? 실패/i,
    },
  ),
  ...worded(
    { ending: '-in-other-languages-in-words', stage: 'greeting', weight: 'general' },
    {
      'connect-broken-off':
        /vom Kommunikationspartner zur|ré-?initialisée par|reinicializada por|Соединение разорвано|连接被对方重设|vom Remotehost geschlossen|connexion existante a dû être fermée|interrupci[oó]n de una conexi[oó]n existente|connessione in corso interrotta|for[cç]ado o cancelamento de uma conex[aã]o|externe host verbroken|强迫关闭了一个现有的连接|強制關閉一個現存的連線|既存の接続はリモート|принудительно разорвал/i,
    },
  ),
];
