// x509 needs the polyfill before it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFile, writeSecretFile } from "../../common/files";
import { LOOPBACK } from "../../common/ports";
import { UserError } from "../../common/user-error";
import { type LabPaths } from "../paths";

/** Paths of PEM files. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MILLISECONDS = 24 * 3600 * 1000;
const CA_DAYS = 3650;
/** The longest validity that Apple's clients accept. */
const SERVER_DAYS = 397;
/** A certificate is renewed this long before its end. */
const RENEWAL_DAYS = 30;

x509.cryptoProvider.set(crypto.webcrypto);

/**
 * Creates the lab's certificate authority, `secrets/ca.key` and `tls/ca.crt`, where there is none that can be used: one of
 * the files is missing or damaged, they don't belong together, or the certificate ends soon.
 * @returns whether it created one: all that trusts the old one must be made again
 * @throws UserError where this machine's clock is before the certificate's beginning
 */
export async function ensureCertificateAuthority(paths: LabPaths): Promise<boolean> {
  const current = readPair({ key: paths.caKey, cert: paths.caCertificate });
  if (current && Date.parse(current.validFrom) > Date.now()) {
    throw new UserError(
      `This machine's clock says ${new Date().toISOString()}, but the lab's certificate authority was created later ` +
        `(it is valid from ${new Date(current.validFrom).toISOString()}). Set the clock, then run this again.`,
    );
  }
  if (current && !endsSoon(current)) return false;
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: crypto.randomBytes(16).toString("hex"),
    name: `CN=PostgreSQL audit lab ${crypto.randomBytes(4).toString("hex")}`,
    notBefore: new Date(Date.now() - DAY_MILLISECONDS),
    notAfter: new Date(Date.now() + CA_DAYS * DAY_MILLISECONDS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // Last, because an authority without a certificate is created again.
  writeSecretFile(paths.caKey, await privateKeyPem(keys.privateKey));
  writeFile(paths.caCertificate, `${certificate.toString("pem")}\n`);
  return true;
}

/** The certificate of a pair of files; undefined where one is missing or damaged, or they don't belong together. */
function readPair({ key, cert }: TlsFiles): crypto.X509Certificate | undefined {
  try {
    const certificate = new crypto.X509Certificate(fs.readFileSync(cert));
    const isPair = certificate.checkPrivateKey(crypto.createPrivateKey(fs.readFileSync(key)));
    return isPair ? certificate : undefined;
  } catch {
    return undefined;
  }
}

const endsSoon = ({ validTo }: crypto.X509Certificate): boolean =>
  Date.parse(validTo) - RENEWAL_DAYS * DAY_MILLISECONDS < Date.now();

/** A certificate for DNS names and loopback, signed by the lab's authority and renewed when needed. */
export async function ensureServerCertificate(
  paths: LabPaths,
  name: string,
  dnsNames: readonly string[],
): Promise<TlsFiles> {
  const files = {
    key: path.join(paths.secrets, `${name}.key`),
    cert: path.join(paths.tls, `${name}.crt`),
  };
  const authority = fs.readFileSync(paths.caCertificate, "utf8");
  const ca = new x509.X509Certificate(authority);
  const current = readPair(files);
  const isOurs = current?.verify(new crypto.X509Certificate(authority).publicKey) ?? false;
  const isValid = current && Date.parse(current.validFrom) <= Date.now() && !endsSoon(current);
  const names = current?.subjectAltName?.split(", ") ?? [];
  if (isOurs && isValid && dnsNames.every((name) => names.includes(`DNS:${name}`))) return files;
  const keys = await generateKeys();
  const signingKey = await importKey(fs.readFileSync(paths.caKey, "utf8"));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: crypto.randomBytes(16).toString("hex"),
    subject: `CN=${dnsNames[0] ?? LOOPBACK}`,
    issuer: ca.subject,
    notBefore: new Date(Date.now() - DAY_MILLISECONDS),
    notAfter: new Date(Date.now() + SERVER_DAYS * DAY_MILLISECONDS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: "dns" as const, value })),
        { type: "ip" as const, value: LOOPBACK },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  writeSecretFile(files.key, await privateKeyPem(keys.privateKey));
  writeFile(files.cert, `${certificate.toString("pem")}\n`);
  return files;
}

const generateKeys = () => crypto.webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

async function privateKeyPem(key: crypto.webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

function importKey(pem: string): Promise<crypto.webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return crypto.webcrypto.subtle.importKey("pkcs8", der ?? new ArrayBuffer(0), ALGORITHM, false, [
    "sign",
  ]);
}
