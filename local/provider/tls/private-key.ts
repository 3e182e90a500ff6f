import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { opensshPrivateKey, opensshPublicBlob } from "./openssh";

export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;

/** OpenSSL's names of the curves; OpenSSH knows no P224. */
export const CURVES = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
} as const;

export interface KeyInputs {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly ecdsaCurve: keyof typeof CURVES;
  readonly rsaBits: number;
}

export interface GeneratedKey {
  /** SHA-1 of the public key, as the real provider has it. */
  readonly id: string;
  readonly privateKeys: Readonly<Record<string, string>>;
  readonly publicKeys: Readonly<Record<string, string>>;
}

/** Makes a key pair in every format that the real provider gives. */
export async function generatePrivateKey(inputs: KeyInputs): Promise<GeneratedKey> {
  const key = await generate(inputs);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const hasOpenSsh = inputs.algorithm !== "ECDSA" || inputs.ecdsaCurve !== "P224";
  const blob = hasOpenSsh ? opensshPublicBlob(key) : undefined;
  return {
    id: createHash("sha1").update(spki).digest("hex"),
    privateKeys: {
      privateKeyPem: traditionalPem(key, inputs.algorithm),
      privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }).toString(),
      privateKeyOpenssh: hasOpenSsh ? opensshPrivateKey(key) : "",
    },
    publicKeys: {
      publicKeyPem: createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
      publicKeyOpenssh: blob ? `${blob.type} ${blob.bytes.toString("base64")}\n` : "",
      publicKeyFingerprintMd5: blob ? md5Fingerprint(blob.bytes) : "",
      publicKeyFingerprintSha256: blob ? sha256Fingerprint(blob.bytes) : "",
    },
  };
}

async function generate({ algorithm, ecdsaCurve, rsaBits }: KeyInputs): Promise<KeyObject> {
  const pair = promisify(generateKeyPair);
  if (algorithm === "RSA") return (await pair("rsa", { modulusLength: rsaBits })).privateKey;
  if (algorithm === "ECDSA") {
    return (await pair("ec", { namedCurve: CURVES[ecdsaCurve] })).privateKey;
  }
  return (await pair("ed25519")).privateKey;
}

/** PKCS #1 for RSA, SEC 1 for ECDSA; Ed25519 has no older format than PKCS #8. */
function traditionalPem(key: KeyObject, algorithm: KeyInputs["algorithm"]): string {
  const type = ({ RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const)[algorithm];
  return key.export({ type, format: "pem" }).toString();
}

function md5Fingerprint(blob: Buffer): string {
  const hex = createHash("md5").update(blob).digest("hex");
  return (hex.match(/../g) ?? []).join(":");
}

function sha256Fingerprint(blob: Buffer): string {
  const hash = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}
