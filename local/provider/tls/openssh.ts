import { randomBytes, type KeyObject } from "node:crypto";

/*
 * OpenSSH's key formats. Sources: RFC 4253 section 6.6 and RFC 5656 section 3.1 (public keys), and PROTOCOL.key of
 * openssh-portable (private keys).
 */
const MAGIC = "openssh-key-v1\0";
/** The block size that an unencrypted private part is padded to. */
const BLOCK_BYTES = 8;
const ECDSA_CURVES: Readonly<Record<string, string>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};

/** The public half as it stands, in base64, in authorized_keys and known_hosts. */
export function opensshPublicBlob(key: KeyObject): { type: string; bytes: Buffer } {
  const { type, publicFields } = fieldsOf(key);
  return { type, bytes: Buffer.concat([string(type), ...publicFields]) };
}

/** The private key as ssh-keygen writes it, unencrypted. */
export function opensshPrivateKey(key: KeyObject, comment = ""): string {
  const { type, privateFields } = fieldsOf(key);
  // Twice the same number: a reader tells a wrong passphrase by it.
  const check = randomBytes(4);
  const open = Buffer.concat([check, check, string(type), ...privateFields, string(comment)]);
  const padding = (BLOCK_BYTES - (open.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const bytes = Buffer.concat([
    Buffer.from(MAGIC),
    ...[string("none"), string("none"), string(""), uint32(1)],
    string(opensshPublicBlob(key).bytes),
    string(Buffer.concat([open, Buffer.from(Array.from({ length: padding }, (_, i) => i + 1))])),
  ]);
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  return [begin, ...lines, end, ""].join("\n");
}

interface Fields {
  readonly type: string;
  readonly publicFields: readonly Buffer[];
  readonly privateFields: readonly Buffer[];
}

function fieldsOf(key: KeyObject): Fields {
  const jwk = key.export({ format: "jwk" });
  const part = (name: "x" | "y" | "d" | "n" | "e" | "p" | "q" | "qi") =>
    Buffer.from(jwk[name] as string, "base64url");
  switch (jwk.kty) {
    case "OKP": {
      const [x, d] = [part("x"), part("d")];
      return {
        type: "ssh-ed25519",
        publicFields: [string(x)],
        privateFields: [string(x), string(Buffer.concat([d, x]))],
      };
    }
    case "RSA": {
      const [n, e] = [mpint(part("n")), mpint(part("e"))];
      const rest = (["d", "qi", "p", "q"] as const).map((name) => mpint(part(name)));
      return { type: "ssh-rsa", publicFields: [e, n], privateFields: [n, e, ...rest] };
    }
    default: {
      const curve = ECDSA_CURVES[jwk.crv ?? ""];
      if (curve === undefined) throw new Error(`OpenSSH has no format for curve ${jwk.crv}`);
      const point = string(Buffer.concat([Buffer.from([4]), part("x"), part("y")]));
      const publicFields = [string(curve), point];
      return {
        type: `ecdsa-sha2-${curve}`,
        publicFields,
        privateFields: [...publicFields, mpint(part("d"))],
      };
    }
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A positive number: no leading zeros, but one where the first bit is set. */
function mpint(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const trimmed = value.subarray(start);
  return string((trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}
