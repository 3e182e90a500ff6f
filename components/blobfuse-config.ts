import * as yaml from "yaml";

/** How blobfuse2 signs in to the storage account. */
export type BlobfuseSignIn =
  | { readonly mode: "key"; readonly accountKey: string }
  | { readonly mode: "sas"; readonly signature: string }
  /** An empty client id lets the instance metadata service choose. */
  | { readonly mode: "msi"; readonly clientId: string }
  | {
      readonly mode: "spn";
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

export interface BlobfuseConfig {
  readonly accountName: string;
  readonly containerName: string;
  /** `https://<account>.blob.core.windows.net`. */
  readonly blobEndpoint: string;
  /** The folder that blobfuse2 downloads to; on the tmpfs. */
  readonly cachePath: string;
  readonly signIn: BlobfuseSignIn;
}

/**
 * The text of blobfuse2's configuration file, which contains a secret.
 * Caches are off and reads are direct, so that an appended line is visible at once: with the original workshop's mount
 * options it wasn't visible after 420 s. Keys: blobfuse2's setup/baseConfig.yaml.
 */
export function blobfuse2Config(config: BlobfuseConfig): string {
  const document = {
    "allow-other": true,
    "read-only": true,
    logging: { type: "syslog", level: "log_warning" },
    components: ["libfuse", "file_cache", "azstorage"],
    libfuse: {
      "direct-io": true,
      "attribute-expiration-sec": 0,
      "entry-expiration-sec": 0,
      "negative-entry-expiration-sec": 0,
    },
    file_cache: { path: config.cachePath, "timeout-sec": 0 },
    azstorage: {
      // Detecting the account's type fails on an emulator and costs a call on Azure.
      type: "block",
      "account-name": config.accountName,
      container: config.containerName,
      endpoint: config.blobEndpoint,
      // A wrong name or key fails within a minute instead of a quarter of an hour.
      "max-retries": 3,
      "retry-backoff-sec": 1,
      "max-retry-timeout-sec": 30,
      // Azure Monitor creates no directory markers.
      "virtual-directory": true,
      ...signInKeys(config.signIn),
    },
  };
  return yaml.stringify(document);
}

function signInKeys(signIn: BlobfuseSignIn): Record<string, string> {
  switch (signIn.mode) {
    case "key":
      return { mode: "key", "account-key": signIn.accountKey };
    case "sas":
      return { mode: "sas", sas: signIn.signature };
    case "msi":
      return { mode: "msi", ...(signIn.clientId !== "" && { appid: signIn.clientId }) };
    case "spn":
      return {
        mode: "spn",
        tenantid: signIn.tenantId,
        clientid: signIn.clientId,
        clientsecret: signIn.clientSecret,
      };
  }
}

/** The original workshop's fuse_connection.cfg for blobfuse v1, which contains a secret. */
export function fuseConnectionConfig(
  accountName: string,
  accountKey: string,
  containerName: string,
): string {
  return `accountName ${accountName}\naccountKey ${accountKey}\ncontainerName ${containerName}\n`;
}
