import { parseConnectionUrl } from "nodemailer/lib/shared";

/** What an SMTP URL says, as the transport reads it. */
export type RelayOptions = ReturnType<typeof parseConnectionUrl>;

export interface RelayUrl {
  /** A name, or an address without brackets. */
  readonly host: string;
  /** `host:port`, for people; never the password. */
  readonly place: string;
  /** TLS from the start. */
  readonly secure: boolean;
  readonly options: RelayOptions;
}

/** Takes an SMTP URL apart. Throws when it is none. */
export function readRelayUrl(smtpUrl: string): RelayUrl {
  const options = parseConnectionUrl(smtpUrl);
  const { host = "localhost", secure = false } = options;
  const port = options.port ?? (secure ? 465 : 587);
  return { host, place: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, secure, options };
}
