import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { utils } from "ssh2";
import type { EngineLog, Inputs, ResourceHandler } from "../../../../../local/provider/protocol";
import { tlsProvider } from "../../../../../local/provider/tls/provider";

const key = tlsProvider("5.6.1").resources("tls:index/privateKey:PrivateKey") as ResourceHandler;
const request = { urn: "u", type: "t", name: "key", log: {} as EngineLog };

async function create(inputs: Inputs): Promise<{ id: string; outputs: Record<string, string> }> {
  const checked = await key.check?.({
    ...request,
    olds: {},
    news: inputs,
    randomSeed: new Uint8Array(),
  });
  expect(checked?.failures).toEqual([]);
  const { id, outputs } = await key.create({
    ...request,
    inputs: checked?.inputs ?? {},
    secretInputs: new Set(),
    preview: false,
    timeoutSeconds: 0,
    signal: new AbortController().signal,
  });
  const plain = Object.entries(outputs).map(([name, value]) => [
    name,
    typeof value === "object" ? (value as { value: unknown }).value : value,
  ]);
  return { id, outputs: Object.fromEntries(plain) as Record<string, string> };
}

describe("tls.PrivateKey", () => {
  test.each([
    ["ED25519", {}, "BEGIN PRIVATE KEY", "ssh-ed25519"],
    ["RSA", { rsaBits: 2048 }, "BEGIN RSA PRIVATE KEY", "ssh-rsa"],
    ["ECDSA", { ecdsaCurve: "P256" }, "BEGIN EC PRIVATE KEY", "ecdsa-sha2-nistp256"],
    ["ECDSA", { ecdsaCurve: "P521" }, "BEGIN EC PRIVATE KEY", "ecdsa-sha2-nistp521"],
  ])("%s %j: every format contains the same key", async (algorithm, options, header, type) => {
    const { id, outputs } = await create({ algorithm, ...options });
    expect(outputs.privateKeyPem).toContain(header);
    const spki = (pem: string) => createPublicKey(pem).export({ type: "spki", format: "pem" });
    for (const name of ["privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"] as const) {
      expect(spki(outputs[name] ?? "")).toBe(outputs.publicKeyPem);
    }
    // ssh2 has a parser of OpenSSH's formats.
    const openssh = utils.parseKey(outputs.privateKeyOpenssh ?? "");
    if (openssh instanceof Error) throw openssh;
    expect(openssh.type).toBe(type);
    expect(outputs.publicKeyOpenssh).toBe(`${type} ${openssh.getPublicSSH().toString("base64")}\n`);
    const message = Buffer.from("message");
    const digest = algorithm === "ED25519" ? null : "sha256";
    const signature = sign(digest, message, createPrivateKey(openssh.getPrivatePEM()));
    expect(verify(digest, message, outputs.publicKeyPem ?? "", signature)).toBe(true);
    const hash = createHash("sha256").update(openssh.getPublicSSH()).digest("base64");
    expect(outputs.publicKeyFingerprintSha256).toBe(`SHA256:${hash.replace(/=+$/, "")}`);
    expect(outputs.publicKeyFingerprintMd5).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(id).toMatch(/^[0-9a-f]{40}$/);
  });

  test("the default curve, which OpenSSH doesn't support", async () => {
    const { outputs } = await create({ algorithm: "ECDSA" });
    expect(outputs).toMatchObject({
      ecdsaCurve: "P224",
      privateKeyOpenssh: "",
      publicKeyOpenssh: "",
    });
  });

  test("every invalid input is named", async () => {
    const checked = await key.check?.({
      ...request,
      olds: {},
      news: { algorithm: "DSA", ecdsaCurve: "P1", rsaBits: 12 },
      randomSeed: new Uint8Array(),
    });
    expect(checked?.failures?.map(({ property }) => property)).toEqual([
      "algorithm",
      "ecdsaCurve",
      "rsaBits",
    ]);
  });

  test("every change generates a new key", async () => {
    const diff = await key.diff({
      ...request,
      id: "x",
      olds: {},
      oldInputs: { algorithm: "RSA" },
      news: { algorithm: "ED25519" },
      ignoreChanges: [],
    });
    expect(diff.changes).toEqual([{ path: "algorithm", kind: "update", replaces: true }]);
  });
});
