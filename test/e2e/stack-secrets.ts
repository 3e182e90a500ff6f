import * as fs from "node:fs";
import * as path from "node:path";
import { LabPaths } from "../../local/paths";
import { type Secret } from "../support/secret-needles";
import { output, pulumi, succeed } from "./lab-driver";

/** How Pulumi's export marks a decrypted value; the value is JSON. */
interface Decrypted {
  readonly plaintext: string;
}

interface ExportedResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: {
    readonly privateKeyPem?: Decrypted;
    readonly privateKeyOpenssh?: Decrypted;
    readonly publicKeyPem?: string;
    readonly publicKeyOpenssh?: string;
  };
}

/**
 * Every secret of the lab that is up: the administrator's password, the storage keys, the private keys of SSH, of the VM's
 * host and of the authority and its certificates, the client secret, and the superusers' passwords.
 */
export async function stackSecrets(): Promise<Secret[]> {
  return [
    { name: "administrator's password", value: await output("administratorPassword") },
    ...(await generatedKeys()),
    ...filesOf(new LabPaths().secrets),
  ];
}

async function generatedKeys(): Promise<Secret[]> {
  const exported = JSON.parse(await succeed(pulumi("stack export --show-secrets"))) as {
    deployment: { resources: ExportedResource[] };
  };
  return exported.deployment.resources
    .filter(({ type }) => type === "tls:index/privateKey:PrivateKey")
    .flatMap(({ urn, outputs = {} }) =>
      [outputs.privateKeyPem, outputs.privateKeyOpenssh]
        .map((key) => (key ? (JSON.parse(key.plaintext) as string) : ""))
        .filter((value) => value !== "")
        .map((value) => ({
          name: urn.split("::").at(-1) ?? urn,
          value,
          publicHalf: `${outputs.publicKeyPem}\n${outputs.publicKeyOpenssh}`,
        })),
    );
}

/** The passphrase isn't among them: its default is the same everywhere, because the state is on this machine only. */
function filesOf(folder: string): Secret[] {
  const values = fs
    .readdirSync(folder)
    .filter((name) => name !== "passphrase" && name !== "pgpass")
    .map((name) => ({ name, value: fs.readFileSync(path.join(folder, name), "utf8") }));
  return values.flatMap(({ name, value }) =>
    name === "storage-accounts.json" ? accountKeys(value) : [{ name, value: value.trim() }],
  );
}

const accountKeys = (text: string): Secret[] =>
  Object.entries(JSON.parse(text) as Record<string, string[]>).flatMap(([account, keys]) =>
    keys.map((value, index) => ({ name: `key ${index + 1} of ${account}`, value })),
  );
