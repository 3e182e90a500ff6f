import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";
import { utils } from "ssh2";

export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;

/** The size in bits of each curve. */
export const CURVES = { P224: 224, P256: 256, P384: 384, P521: 521 } as const;

export interface KeyInputs {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly ecdsaCurve: keyof typeof CURVES;
  readonly rsaBits: number;
}

export interface GeneratedKey {
  /** SHA-1 of the public key, as in the real provider. */
  readonly id: string;
  readonly privateKeys: Readonly<Record<string, string>>;
  readonly publicKeys: Readonly<Record<string, string>>;
}

/** Generates a key pair in every format of the real provider. */
export async function generatePrivateKey(inputs: KeyInputs): Promise<GeneratedKey> {
  const { key, openssh } = await generate(inputs);
  const publicKey = createPublicKey(key);
  return {
    id: createHash("sha1")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex"),
    privateKeys: {
      privateKeyPem: traditionalPem(key, inputs.algorithm),
      privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }).toString(),
      privateKeyOpenssh: openssh?.private ?? "",
    },
    publicKeys: {
      publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
      publicKeyOpenssh: openssh ? `${openssh.public.trim()}\n` : "",
      publicKeyFingerprintMd5: openssh ? md5Fingerprint(openssh.public) : "",
      publicKeyFingerprintSha256: openssh ? sha256Fingerprint(openssh.public) : "",
    },
  };
}

interface OpensshKey {
  readonly private: string;
  /** `ssh-ed25519 AAAA...` */
  readonly public: string;
}

/** Of Ed25519 keys that ssh2 1.17 generates, 1 in 256 is malformed: https://github.com/mscdex/ssh2/issues/1513 */
const ATTEMPTS = 8;

async function generate({
  algorithm,
  ecdsaCurve,
  rsaBits,
}: KeyInputs): Promise<{ key: KeyObject; openssh?: OpensshKey }> {
  if (algorithm === "ECDSA" && ecdsaCurve === "P224") {
    // OpenSSH has no such curve.
    const pair = await promisify(generateKeyPair)("ec", { namedCurve: "secp224r1" });
    return { key: pair.privateKey };
  }
  const bits = algorithm === "RSA" ? rsaBits : CURVES[ecdsaCurve];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const openssh = await generateOpenssh(algorithm, bits);
    const privateKey = utils.parseKey(openssh.private);
    if (privateKey instanceof Error || utils.parseKey(openssh.public) instanceof Error) continue;
    return { key: createPrivateKey(privateKey.getPrivatePEM()), openssh };
  }
  throw new Error(`ssh2 generated ${ATTEMPTS} malformed ${algorithm} keys`);
}

function generateOpenssh(algorithm: KeyInputs["algorithm"], bits: number): Promise<OpensshKey> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, pair: OpensshKey) => (error ? reject(error) : resolve(pair));
    if (algorithm === "ED25519") utils.generateKeyPair("ed25519", {}, done);
    else utils.generateKeyPair(algorithm === "RSA" ? "rsa" : "ecdsa", { bits }, done);
  });
}

/** PKCS #1 for RSA, SEC 1 for ECDSA; Ed25519 has only PKCS #8. */
function traditionalPem(key: KeyObject, algorithm: KeyInputs["algorithm"]): string {
  const type = ({ RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const)[algorithm];
  return key.export({ type, format: "pem" }).toString();
}

const publicBlob = (openssh: string): Buffer => Buffer.from(openssh.split(" ")[1] ?? "", "base64");

function md5Fingerprint(openssh: string): string {
  const hex = createHash("md5").update(publicBlob(openssh)).digest("hex");
  return (hex.match(/../g) ?? []).join(":");
}

function sha256Fingerprint(openssh: string): string {
  const hash = createHash("sha256").update(publicBlob(openssh)).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}
