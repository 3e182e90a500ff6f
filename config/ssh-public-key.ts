const ALGORITHMS = ["ssh-rsa", "ssh-ed25519"];

/**
 * The problem of an SSH public key, or undefined if there is none. A key that was cut would be on the VM and let nobody in.
 * The encoded part is a list of fields, each after its length (RFC 4253, 6.6); the first is the algorithm.
 */
export function sshPublicKeyProblem(key: string): string | undefined {
  if (key.includes("PRIVATE KEY")) {
    return "a private key; give the text of the .pub file, and don't keep a private key in a configuration";
  }
  const [, algorithm = "", encoded = ""] =
    /^(\S+) ([A-Za-z0-9+/]+={0,2})( [^\p{Cc}]*)?$/u.exec(key) ?? [];
  if (!ALGORITHMS.includes(algorithm)) {
    return 'an RSA or Ed25519 public key as in a .pub file, "ssh-ed25519 AAAA... name"';
  }
  const fields = fieldsOf(Buffer.from(encoded, "base64"));
  return fields?.[0] === algorithm && fields.length === (algorithm === "ssh-rsa" ? 3 : 2)
    ? undefined
    : `its part in base64 is no ${algorithm} key; it may have been cut: copy the whole line of the .pub file`;
}

/** Undefined if the lengths don't fit. */
function fieldsOf(bytes: Buffer): string[] | undefined {
  const fields: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + 4 + (start + 4 <= bytes.length ? bytes.readUInt32BE(start) : Infinity);
    if (end > bytes.length) return undefined;
    fields.push(bytes.toString("latin1", start + 4, end));
    start = end;
  }
  return fields;
}
