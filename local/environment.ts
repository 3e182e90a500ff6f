import * as path from "node:path";
import { LOOPBACK } from "../common/ports";
import { shellQuote } from "../common/shell-quote";
import { splitList } from "../common/split-list";
import { type LabSettings, readClientSecret } from "./azure/settings";
import { type Engine } from "./engine/engine";
import { type LabPaths } from "./paths";
import { ensureTrustBundle } from "./tls/trust-bundle";

/** The variables with which plain `pulumi` works on the lab, without the client secret. */
export function labVariables(
  paths: LabPaths,
  settings: LabSettings,
  engine: Engine,
): Record<string, string> {
  const real = engine.plugins.some(({ name, kind }) => name === "azure-native" && kind === "real");
  return {
    ...engine.environment,
    LAB_AZURE_NATIVE: real ? "real" : "stand-in",
    // The real plugin is a Go program, which doesn't read NODE_EXTRA_CA_CERTS.
    ...(real ? { SSL_CERT_FILE: ensureTrustBundle(paths) } : {}),
    ARM_METADATA_HOSTNAME: `${LOOPBACK}:${settings.ports.arm}`,
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    ARM_TENANT_ID: settings.tenantId,
    ARM_CLIENT_ID: settings.clientId,
    ARM_SUBSCRIPTION_ID: settings.subscriptionId,
    NODE_EXTRA_CA_CERTS: paths.caCertificate,
    NO_PROXY: withoutProxy(process.env),
    // Names of storage accounts resolve only on the VM; the audit reader connects to Azurite's port instead.
    AUDIT_CONNECT_TO: `${LOOPBACK}:${settings.ports.blob}`,
    // The same for names of servers, for the program's SQL without a VM.
    POSTGRES_CONNECT_TO: `${LOOPBACK}:${settings.ports.postgres}`,
  };
}

/** What a proxy of the network (HTTPS_PROXY) can't reach: this machine, and storage accounts that only the lab knows. */
const LOCAL_HOSTS = [LOOPBACK, "localhost", ".blob.core.windows.net"];

const withoutProxy = ({ NO_PROXY, no_proxy }: NodeJS.ProcessEnv): string =>
  [...new Set([...splitList(NO_PROXY ?? no_proxy ?? ""), ...LOCAL_HOSTS])].join(",");

/** Variables that would change the sign-in to the lab, or its state's passphrase. */
const FOREIGN = [
  "PULUMI_CONFIG_PASSPHRASE",
  "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
  "ARM_USE_OIDC",
  "ARM_USE_MSI",
  "ARM_ENVIRONMENT",
  "ARM_CLIENT_CERTIFICATE_PATH",
];

/** The complete environment for a child process, with the client secret. */
export function labEnvironment(
  paths: LabPaths,
  settings: LabSettings,
  engine: Engine,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  return {
    ...Object.fromEntries(inherited),
    ...labVariables(paths, settings, engine),
    ARM_CLIENT_SECRET: readClientSecret(paths),
  };
}

/** Every variable except PATH that `./lab env` may set or unset. */
const CHANGED = [
  ...[
    "PULUMI_HOME",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_SKIP_UPDATE_CHECK",
  ],
  ...["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_IGNORE_AMBIENT_PLUGINS"],
  ...["PULUMI_NODEJS_TRANSPILE_ONLY", "LAB_AZURE_NATIVE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"],
  ...["ARM_METADATA_HOSTNAME", "ARM_DISABLE_INSTANCE_DISCOVERY", "ARM_TENANT_ID", "ARM_CLIENT_ID"],
  ...[
    "ARM_SUBSCRIPTION_ID",
    "ARM_CLIENT_SECRET",
    "AUDIT_CONNECT_TO",
    "POSTGRES_CONNECT_TO",
    "NO_PROXY",
    ...FOREIGN,
  ],
].join(" ");

/**
 * Lines for a shell's `eval` that undo those of `labExports`; without effect where there is nothing to undo. Plain POSIX sh.
 * `PG_AUDIT_LAB_PATH` is the folder that was added to PATH, `PG_AUDIT_LAB_OLD_<NAME>` the former value of a variable.
 */
export function labUnset(): string {
  return `if [ -n "\${PG_AUDIT_LAB_PATH+x}" ]; then
  if [ -n "$PG_AUDIT_LAB_PATH" ]; then
    case ":$PATH:" in *":$PG_AUDIT_LAB_PATH:"*)
      _lab=":$PATH:"
      _lab=\${_lab%%":$PG_AUDIT_LAB_PATH:"*}:\${_lab#*":$PG_AUDIT_LAB_PATH:"}
      _lab=\${_lab#:}
      export PATH="\${_lab%:}" ;;
    esac
  fi
  for _lab in ${CHANGED}; do
    if eval "[ -n \\"\\\${PG_AUDIT_LAB_OLD_$_lab+x}\\" ]"; then
      eval "export $_lab=\\"\\$PG_AUDIT_LAB_OLD_$_lab\\""
      unset "PG_AUDIT_LAB_OLD_$_lab"
    else
      unset "$_lab"
    fi
  done
  unset _lab PG_AUDIT_LAB_PATH
fi`;
}

/**
 * Lines for a shell's `eval` with which plain `pulumi` works on the lab. They undo earlier ones first, so that the former
 * values are kept. The shell reads the client secret from its file; it is never printed.
 */
export function labExports(paths: LabPaths, settings: LabSettings, engine: Engine): string {
  const { PATH: _, ...variables } = labVariables(paths, settings, engine);
  const folder = engine.source === "path" ? "" : path.dirname(engine.pulumi);
  return [
    labUnset(),
    `for _lab in ${CHANGED}; do
  if eval "[ -n \\"\\\${$_lab+x}\\" ]"; then eval "export PG_AUDIT_LAB_OLD_$_lab=\\"\\$$_lab\\""; fi
done`,
    `unset _lab ${FOREIGN.join(" ")}`,
    `export PG_AUDIT_LAB_PATH=${shellQuote(folder)}`,
    ...(folder === "" ? [] : ['export PATH="$PG_AUDIT_LAB_PATH:$PATH"']),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
    `export ARM_CLIENT_SECRET="$(cat ${shellQuote(paths.clientSecret)})"`,
  ].join("\n");
}
