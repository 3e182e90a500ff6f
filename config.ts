import * as pulumi from "@pulumi/pulumi";
import { configWarnings, type LabConfig, type RawConfig, validateConfig } from "./config/schema";

/**
 * Reads the stack's configuration; the only reader of pulumi.Config.
 * Pulumi.yaml declares the keys with their types and defaults, config/ has the rules.
 * Throws one ConfigError that lists every problem.
 */
export function readConfig(): LabConfig {
  const config = new pulumi.Config();
  const { clientSecret, ...servicePrincipal } =
    config.getObject<Record<string, string>>("storageServicePrincipal") ?? {};
  const { administratorPassword, ...postgres } =
    config.getObject<{ administratorPassword?: string }>("postgres") ?? {};
  const raw: RawConfig = {
    location: config.get("location"),
    resourceGroupName: config.get("resourceGroupName"),
    tags: config.getObject("tags"),
    vm: config.getObject("vm"),
    vmSubnetId: config.get("vmSubnetId"),
    sshSourceAddressPrefixes: config.getObject("sshSourceAddressPrefixes"),
    sshPublicKeys: config.getObject("sshPublicKeys"),
    sshPort: config.getObject("sshPort"),
    vmAdminUsername: config.get("vmAdminUsername"),
    vmSize: config.get("vmSize"),
    rhelMajorVersion: config.getObject("rhelMajorVersion"),
    autoShutdownTime: config.get("autoShutdownTime"),
    autoShutdownTimeZone: config.get("autoShutdownTimeZone"),
    packagesUrl: config.get("packagesUrl"),
    postgresVersion: config.get("postgresVersion"),
    postgresSkuName: config.get("postgresSkuName"),
    postgresStorageSizeGb: config.getObject("postgresStorageSizeGb"),
    postgresNetworkAccess: config.get("postgresNetworkAccess"),
    administratorLogin: config.get("administratorLogin"),
    databaseName: config.get("databaseName"),
    extensions: config.getObject("extensions"),
    sharedPreloadLibraries: config.getObject("sharedPreloadLibraries"),
    serverParameters: config.getObject("serverParameters"),
    logCategories: config.getObject("logCategories"),
    postgres: { ...postgres, hasAdministratorPassword: isGiven(administratorPassword) },
    allowRestart: config.getObject("allowRestart"),
    logAnalytics: config.getObject("logAnalytics"),
    eventHub: config.getObject("eventHub"),
    audit: config.getObject("audit"),
    attendees: config.getObject("attendees"),
    microsoftEntra: config.getObject("microsoftEntra"),
    storageAuthentication: config.get("storageAuthentication"),
    storageSharedKeyAccess: config.getObject("storageSharedKeyAccess"),
    storageSasDays: config.getObject("storageSasDays"),
    storageServicePrincipal: {
      ...servicePrincipal,
      hasClientSecret: isGiven(clientSecret),
    },
    storageNetworkAccess: config.get("storageNetworkAccess"),
    retention: config.getObject("retention"),
    cacheSizeMb: config.getObject("cacheSizeMb"),
    mountV1Config: config.getObject("mountV1Config"),
  };
  const validated = validateConfig({ ...unreadKeys(config, raw), ...raw }, signInKeys());
  for (const warning of configWarnings(validated)) void pulumi.log.warn(warning);
  return {
    ...validated,
    storageClientSecret: pulumi.secret(clientSecret ?? ""),
    existingAdministratorPassword: pulumi.secret(administratorPassword ?? ""),
  };
}

const isGiven = (secret: string | undefined): boolean => secret !== undefined && secret !== "";

/**
 * Keys of azure-native's that choose another identity or cloud. The scripts of `pulumi up` and `./lab` don't read them: they
 * would sign in as somebody else. Source: azure-native's configuration, 3.28.
 */
const SIGN_IN_KEYS: Readonly<Record<string, string>> = {
  clientId: "ARM_CLIENT_ID",
  clientSecret: "ARM_CLIENT_SECRET",
  clientCertificatePath: "ARM_CLIENT_CERTIFICATE_PATH",
  clientCertificatePassword: "ARM_CLIENT_CERTIFICATE_PASSWORD",
  environment: "ARM_ENVIRONMENT",
  metadataHost: "ARM_METADATA_HOSTNAME",
  oidcToken: "ARM_OIDC_TOKEN",
  oidcTokenFilePath: "ARM_OIDC_TOKEN_FILE_PATH",
  tenantId: "ARM_TENANT_ID",
  useMsi: "ARM_USE_MSI",
  useOidc: "ARM_USE_OIDC",
};

function signInKeys(): string[] {
  const config = new pulumi.Config("azure-native");
  return Object.entries(SIGN_IN_KEYS)
    .filter(([key]) => config.get(key) !== undefined)
    .map(
      ([key, variable]) =>
        `azure-native:${key}: the lab's scripts don't read it and would sign in otherwise; ` +
        `remove it (pulumi config rm azure-native:${key}) and set the variable ${variable}`,
    );
}

/** The stack's other keys of this project; they are unknown. Keys of other namespaces belong to Pulumi and its providers. */
function unreadKeys(config: pulumi.Config, read: object): Record<string, unknown> {
  const prefix = `${config.name}:`;
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  return Object.fromEntries(
    keys.filter((key) => !Object.hasOwn(read, key)).map((key) => [key, "[unread]"]),
  );
}
