import { version } from "@pulumi/tls/package.json";
import { runMain } from "../../../common/run-main";
import {
  containsUnknown,
  diffInputs,
  secret,
  serveProvider,
  type CheckFailure,
  type ProviderDefinition,
  type ResourceHandler,
} from "../protocol";
import { ALGORITHMS, CURVES, generatePrivateKey, type KeyInputs } from "./private-key";

const DEFAULTS = { ecdsaCurve: "P224", rsaBits: 2048 };
const MINIMUM_RSA_BITS = 1024;

/** `tls.PrivateKey`: every change of an input generates a new key. */
const privateKey: ResourceHandler = {
  check: async ({ news }) => {
    const inputs = { ...DEFAULTS, ...news } as KeyInputs & Record<string, unknown>;
    return { inputs, failures: containsUnknown(news) ? [] : failuresOf(inputs) };
  },
  diff: async ({ oldInputs, news }) => ({
    changes: diffInputs(oldInputs, news).map((change) => ({ ...change, replaces: true })),
  }),
  create: async ({ inputs, preview }) => {
    if (preview) return { id: "", outputs: inputs };
    const { id, privateKeys, publicKeys } = await generatePrivateKey(
      inputs as unknown as KeyInputs,
    );
    const secrets = Object.entries(privateKeys).map(([name, key]) => [name, secret(key)] as const);
    return { id, outputs: { ...inputs, ...publicKeys, ...Object.fromEntries(secrets) } };
  },
  delete: async () => undefined,
};

/** `pulumi-resource-tls` for machines without Pulumi's; only the part of @pulumi/tls that the lab uses: key pairs. */
export function tlsProvider(version: string): ProviderDefinition {
  return {
    name: "tls",
    version,
    supportsPreview: true,
    resources: (type) => (type === "tls:index/privateKey:PrivateKey" ? privateKey : undefined),
    invokes: () => undefined,
  };
}

function failuresOf({ algorithm, ecdsaCurve, rsaBits }: KeyInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const oneOf = (property: string, value: unknown, values: readonly string[]) => {
    if (values.includes(value as string)) return;
    const reason = `is ${JSON.stringify(value)}, and must be one of ${values.join(", ")}`;
    failures.push({ property, reason });
  };
  oneOf("algorithm", algorithm, ALGORITHMS);
  oneOf("ecdsaCurve", ecdsaCurve, Object.keys(CURVES));
  if (!Number.isInteger(rsaBits) || rsaBits < MINIMUM_RSA_BITS) {
    const reason = `is ${JSON.stringify(rsaBits)}, and must be a whole number from ${MINIMUM_RSA_BITS} up`;
    failures.push({ property: "rsaBits", reason });
  }
  return failures;
}

if (require.main === module) runMain(() => serveProvider(tlsProvider(version)));
