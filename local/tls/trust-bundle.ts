import * as path from "node:path";
import { readFileIfExists, writeFile } from "../../common/files";
import { type LabPaths } from "../paths";

/** The systems' files of authorities. Source: Go's crypto/x509/root_linux.go, which reads the first that exists. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Writes a file with the system's authorities and the lab's, for SSL_CERT_FILE: Go programs have no other way to trust one
 * more authority, and with it they read no other file.
 * @returns its path
 */
export function ensureTrustBundle(paths: LabPaths): string {
  const file = path.join(paths.tls, "ca-bundle.crt");
  const own = process.env.SSL_CERT_FILE;
  const places = own && own !== file ? [own, ...SYSTEM_BUNDLES] : SYSTEM_BUNDLES;
  const system = places.map(readFileIfExists).find((text) => text !== undefined) ?? "";
  const bundle = `${system.trimEnd()}\n${readFileIfExists(paths.caCertificate) ?? ""}`.trimStart();
  if (readFileIfExists(file) !== bundle) writeFile(file, bundle);
  return file;
}
