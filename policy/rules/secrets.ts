import { type Policies, Secret } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime";

/** Inputs that are secrets by their names, such as administratorLoginPassword. */
const SECRET_NAME =
  /(password|passphrase|secret|privateKey(Openssh|Pem)?|accountKey|connectionString|sasToken)$/i;

/** Texts that are secrets by their form, as Azure, PostgreSQL and OpenSSH write them. */
const SECRET_TEXTS: readonly (readonly [what: string, form: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["an account key", /\b(AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{20}/i],
  ["a shared access signature", /[?&]sig=[A-Za-z0-9%+/=]{20}/],
  ["a password", /\bpostgres(ql)?:\/\/[^\s:/@]+:[^\s@]+@|\bPGPASSWORD=\S/],
];

/** Long enough for a private key; shorter texts in base64 are ids and hashes. */
const BASE64 = /^[A-Za-z0-9+/\s]{200,}={0,2}\s*$/;

export const SECRET_RULES: Policies = [noPlainSecrets()];

/**
 * The check of a resource gets secrets as plain values; only a remediation can tell them from others. It runs first,
 * changes nothing, and its findings are what the check reports. Source: server.ts and secret.ts of pulumi/pulumi-policy.
 */
function noPlainSecrets(): Policies[number] {
  const findings = new Map<string, readonly string[]>();
  return {
    name: "no-plain-secrets",
    description: "Passwords, keys and signatures are secrets, which Pulumi encrypts in its state.",
    enforcementLevel: "remediate",
    remediateResource: ({ urn, props }) => {
      findings.set(urn, plainSecrets(props));
    },
    validateResource: ({ urn }, report) => {
      const found = findings.get(urn);
      if (!found) report('This rule needs the enforcementLevel "remediate" or "disabled".');
      for (const finding of found ?? []) {
        report(
          `${finding} in plain; pass it as a secret (pulumi.secret, pulumi config set --secret).`,
        );
      }
    },
  };
}

/** Plain secrets among values that are wrapped in `Secret` where they are secret. */
function plainSecrets(value: unknown, path = ""): string[] {
  if (value instanceof Secret) return [];
  if (typeof value === "string") return problemOf(value, path);
  if (typeof value !== "object" || value === null) return [];
  // The SDK's proxies unwrap secrets, and throw at unknown values, where a property is read. Its descriptor has the value itself.
  const members = Object.entries(Object.getOwnPropertyDescriptors(value));
  return members.flatMap(([name, descriptor]) =>
    plainSecrets(descriptor.value, path === "" ? name : `${path}.${name}`),
  );
}

function problemOf(text: string, path: string): string[] {
  // Where the value is unknown, whether it is a secret is unknown too; the update checks it.
  if (text === "" || text === unknownValue) return [];
  if (SECRET_NAME.test(path)) return [`The input ${path} is`];
  const decoded = BASE64.test(text) ? Buffer.from(text, "base64").toString("latin1") : text;
  return SECRET_TEXTS.filter(([, form]) => form.test(text) || form.test(decoded)).map(
    ([what]) => `The input ${path} contains ${what}`,
  );
}
