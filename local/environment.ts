import * as fs from "node:fs";
import { type LabPaths } from "./paths";
import { LOOPBACK } from "../common/ports";
import { ensureTrustBundle } from "./tls/trust-bundle";
import { shellQuote } from "../common/shell-quote";
import { type LabSettings } from "./azure/settings";
import { type Engine } from "./engine/engine";

/** The variables with which plain `pulumi` works on the lab; without secrets. */
export function labVariables(
  paths: LabPaths,
  settings: LabSettings,
  engine: Engine,
): Record<string, string> {
  const real = engine.plugins.some(({ name, kind }) => name === "azure-native" && kind === "real");
  return {
    ...engine.environment,
    LAB_AZURE_NATIVE: real ? "real" : "stand-in",
    // The real plugin is a Go program.
    ...(real ? { SSL_CERT_FILE: ensureTrustBundle(paths) } : {}),
    ARM_METADATA_HOSTNAME: `${LOOPBACK}:${settings.ports.arm}`,
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    ARM_TENANT_ID: settings.tenantId,
    ARM_CLIENT_ID: settings.clientId,
    ARM_SUBSCRIPTION_ID: settings.subscriptionId,
    NODE_EXTRA_CA_CERTS: paths.caCertificate,
    // Storage accounts' names resolve in the VM only; the audit reader goes to their port instead.
    AUDIT_CONNECT_TO: `${LOOPBACK}:${settings.ports.blob}`,
  };
}

/** Variables that would send the lab's sign-in elsewhere. */
const FOREIGN = [
  "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
  "ARM_USE_OIDC",
  "ARM_USE_MSI",
  "ARM_ENVIRONMENT",
  "ARM_CLIENT_CERTIFICATE_PATH",
];

/** The whole environment for a child process, with the secret in it. */
export function labEnvironment(
  paths: LabPaths,
  settings: LabSettings,
  engine: Engine,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  return {
    ...Object.fromEntries(inherited),
    ...labVariables(paths, settings, engine),
    ARM_CLIENT_SECRET: fs.readFileSync(paths.clientSecret, "utf8").trim(),
  };
}

/** Lines for a shell's `eval`; the secret is read by the shell and never printed. */
export function labExports(paths: LabPaths, settings: LabSettings, engine: Engine): string {
  const lines = Object.entries(labVariables(paths, settings, engine)).map(
    ([name, value]) => `export ${name}=${shellQuote(value)}`,
  );
  return [
    `unset ${FOREIGN.join(" ")}`,
    ...lines,
    `export ARM_CLIENT_SECRET="$(cat ${shellQuote(paths.clientSecret)})"`,
  ].join("\n");
}
