/** A cloud's endpoints, as in its metadata document. */
export interface Cloud {
  /** Base URL of the Resource Manager, without a slash at its end. */
  readonly resourceManager: string;
  /** URL of the token service, without a slash at its end. */
  readonly loginEndpoint: string;
  /** Whether the login endpoint is unknown to Microsoft's instance discovery. */
  readonly disableInstanceDiscovery: boolean;
  /** URL of the web portal, without a slash at its end, if the cloud has one. */
  readonly portal?: string;
}

/** Azure's clouds by their values of ARM_ENVIRONMENT. Source: Azure's "National clouds" documentation. */
const CLOUDS: Readonly<Record<string, Cloud>> = {
  public: {
    resourceManager: "https://management.azure.com",
    loginEndpoint: "https://login.microsoftonline.com",
    disableInstanceDiscovery: false,
    portal: "https://portal.azure.com",
  },
  usgovernment: {
    resourceManager: "https://management.usgovcloudapi.net",
    loginEndpoint: "https://login.microsoftonline.us",
    disableInstanceDiscovery: false,
    portal: "https://portal.azure.us",
  },
  china: {
    resourceManager: "https://management.chinacloudapi.cn",
    loginEndpoint: "https://login.chinacloudapi.cn",
    disableInstanceDiscovery: false,
    portal: "https://portal.azure.cn",
  },
};

const METADATA_API_VERSION = "2022-09-01";

interface MetadataEntry {
  readonly resourceManager: string;
  readonly authentication: { readonly loginEndpoint: string };
}

/**
 * The cloud of the environment's variables, which the azure-native provider reads too:
 * ARM_METADATA_HOSTNAME (the host of the metadata document), else ARM_ENVIRONMENT.
 * @default the public cloud
 */
export async function cloudFromEnvironment(env: NodeJS.ProcessEnv): Promise<Cloud> {
  const host = env.ARM_METADATA_HOSTNAME;
  if (host) return cloudFromMetadata(host, env.ARM_DISABLE_INSTANCE_DISCOVERY === "true");
  const name = env.ARM_ENVIRONMENT ?? "public";
  const cloud = CLOUDS[name];
  if (!cloud) {
    throw new Error(
      `ARM_ENVIRONMENT is "${name}"; it must be ${Object.keys(CLOUDS).join(", ")}, or unset for public`,
    );
  }
  return cloud;
}

/** The web portal of the environment's cloud; undefined for a cloud that isn't one of Azure's. */
export function portalFromEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  const host = env.ARM_METADATA_HOSTNAME;
  const cloud = host
    ? Object.values(CLOUDS).find(({ resourceManager }) => new URL(resourceManager).host === host)
    : CLOUDS[env.ARM_ENVIRONMENT ?? "public"];
  return cloud?.portal;
}

async function cloudFromMetadata(host: string, disableInstanceDiscovery: boolean): Promise<Cloud> {
  const url = `https://${host}/metadata/endpoints?api-version=${METADATA_API_VERSION}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}; is the cloud running?`);
  const document = (await response.json()) as MetadataEntry | MetadataEntry[];
  const entry = Array.isArray(document) ? document[0] : document;
  if (!entry) throw new Error(`${url} lists no cloud`);
  return {
    resourceManager: entry.resourceManager.replace(/\/+$/, ""),
    loginEndpoint: entry.authentication.loginEndpoint.replace(/\/+$/, ""),
    disableInstanceDiscovery,
  };
}
