/** A cloud's endpoints, as its metadata document names them. */
export interface Cloud {
  /** Base URL of the Resource Manager, without a closing slash. */
  readonly resourceManager: string;
  /** Where tokens come from, without a closing slash. */
  readonly loginEndpoint: string;
  /** Whether the login endpoint is unknown to Microsoft's instance discovery. */
  readonly disableInstanceDiscovery: boolean;
}

const PUBLIC: Cloud = {
  resourceManager: "https://management.azure.com",
  loginEndpoint: "https://login.microsoftonline.com",
  disableInstanceDiscovery: false,
};

/** Azure's clouds by the names that ARM_ENVIRONMENT takes. Source: Azure's "National clouds" documentation. */
const CLOUDS: Readonly<Record<string, Cloud>> = {
  public: PUBLIC,
  usgovernment: {
    resourceManager: "https://management.usgovcloudapi.net",
    loginEndpoint: "https://login.microsoftonline.us",
    disableInstanceDiscovery: false,
  },
  china: {
    resourceManager: "https://management.chinacloudapi.cn",
    loginEndpoint: "https://login.chinacloudapi.cn",
    disableInstanceDiscovery: false,
  },
};

const METADATA_API_VERSION = "2022-09-01";

interface MetadataEntry {
  readonly resourceManager: string;
  readonly authentication: { readonly loginEndpoint: string };
}

/**
 * The cloud that the environment names, with the variables that the azure-native provider reads:
 * ARM_METADATA_HOSTNAME (a host that serves the metadata document), else ARM_ENVIRONMENT.
 * @default the public cloud
 */
export async function cloudFromEnvironment(env: NodeJS.ProcessEnv): Promise<Cloud> {
  const host = env.ARM_METADATA_HOSTNAME;
  if (host) return cloudFromMetadata(host, env.ARM_DISABLE_INSTANCE_DISCOVERY === "true");
  const name = env.ARM_ENVIRONMENT ?? "public";
  const cloud = CLOUDS[name];
  if (!cloud) {
    throw new Error(
      `ARM_ENVIRONMENT is "${name}"; it takes ${Object.keys(CLOUDS).join(", ")}, or leave it unset for public`,
    );
  }
  return cloud;
}

async function cloudFromMetadata(host: string, disableInstanceDiscovery: boolean): Promise<Cloud> {
  const url = `https://${host}/metadata/endpoints?api-version=${METADATA_API_VERSION}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}; is the cloud running?`);
  const document = (await response.json()) as MetadataEntry | MetadataEntry[];
  const entry = Array.isArray(document) ? document[0] : document;
  if (!entry) throw new Error(`${url} names no cloud`);
  return {
    resourceManager: entry.resourceManager.replace(/\/+$/, ""),
    loginEndpoint: entry.authentication.loginEndpoint.replace(/\/+$/, ""),
    disableInstanceDiscovery,
  };
}
