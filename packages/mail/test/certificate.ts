import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A self-signed certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateSettings {
  /** DNS names it is made out to. */
  readonly names: readonly string[];
  readonly from: Date;
  readonly until: Date;
}

/** Writes an X.509 certificate (RFC 5280) by hand, so that a test needs no `openssl`. */
export function selfSigned({ names, from, until }: CertificateSettings): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = sequence(
    set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(names[0] ?? "nobody")))),
  );
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    subject,
    sequence(time(from), time(until)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAltName(names))),
  );
  const certificate = sequence(
    body,
    ECDSA_SHA256,
    der(0x03, Buffer.from([0]), sign("sha256", body, privateKey)),
  );
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts);
const integer = (octets: Buffer) => der(0x02, octets);
const oid = (...octets: readonly number[]) => der(0x06, Buffer.from(octets));
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/** GeneralizedTime, without fractions. */
const time = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));

const subjectAltName = (names: readonly string[]) =>
  sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(...names.map((name) => der(0x82, Buffer.from(name))))));
