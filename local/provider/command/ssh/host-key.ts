import type { ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";

/** ssh2's words for a server that has another key, or none of the kind. */
export const HOST_KEY_MISMATCH = /Host denied|no matching host key format/;

const RSA: ServerHostKeyAlgorithm[] = ["rsa-sha2-512", "rsa-sha2-256"];

/** Pins the server's key; with a key of one kind given, the server is asked for that kind. */
export function hostKeyConfig(
  hostKey: string | undefined,
): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  if (hostKey === undefined || hostKey === null) return {};
  const [type, key] = hostKey.trim().split(/\s+/);
  const expected = Buffer.from(key ?? "", "base64");
  if (type === undefined || expected.length === 0) {
    throw new Error(
      'connection.hostKey is no public key: it has the form "ssh-ed25519 AAAA...", as in authorized_keys',
    );
  }
  return {
    hostVerifier: (actual: Buffer) => actual.equals(expected),
    algorithms: { serverHostKey: type === "ssh-rsa" ? RSA : [type as ServerHostKeyAlgorithm] },
  };
}
