import * as storage from "@pulumi/azure-native/storage";
import { type input } from "@pulumi/azure-native/types";
import * as pulumi from "@pulumi/pulumi";
import { type Retention } from "../config/keys/retention";
import { componentType, type PlacementArgs } from "./component";
import { inOwnSubscription } from "./own-subscription";

/** Azure Monitor writes PostgreSQLLogs into a container of this name. Source: Azure Monitor, "Send to a storage account". */
export const LOG_CONTAINER_NAME = "insights-logs-postgresqllogs";

export interface AuditLogStorageArgs extends PlacementArgs {
  /** Globally unique, 3 to 24 lower-case letters and digits. A change replaces the account and its logs. */
  readonly accountName: pulumi.Input<string>;
  /** Whether the account accepts its keys, and signatures made with them. Azure Monitor needs none: docs/storage-sign-in.md. */
  readonly sharedKeyAccess: boolean;
  /** Whether Pulumi refuses whatever would delete the account or the container, a replacement too. @default it doesn't */
  readonly retention?: Pick<Retention, "protect" | "immutableDays">;
  /** Who reaches the account by its public endpoint. @default every network */
  readonly networkRuleSet?: input.storage.NetworkRuleSetArgs;
}

/** The storage account that the diagnostic setting writes to, with the log container. */
export class AuditLogStorage extends pulumi.ComponentResource {
  readonly account: storage.StorageAccount;
  readonly container: storage.BlobContainer;
  readonly accountId: pulumi.Output<string>;
  readonly accountName: pulumi.Output<string>;
  /** Container of the log blobs; created here, so that it can be mounted before the first line. */
  readonly containerName: pulumi.Output<string>;
  /** `https://<account>.blob.core.windows.net` (or another cloud's), without a slash at its end. */
  readonly blobEndpoint: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  /** The same, for the provider's functions. */
  private readonly ownResourceGroupName: pulumi.Output<string>;

  constructor(name: string, args: AuditLogStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("AuditLogStorage"), name, {}, opts);
    const { protect = false, immutableDays = 0 } = args.retention ?? {};
    const isProtected = protect || immutableDays > 0;
    const account = new storage.StorageAccount(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        accountName: args.accountName,
        kind: storage.Kind.StorageV2,
        sku: { name: storage.SkuName.Standard_LRS },
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: args.sharedKeyAccess,
        networkRuleSet: args.networkRuleSet,
      },
      // The name is global and stays the same: the old account must be deleted first.
      { parent: this, deleteBeforeReplace: true, protect: isProtected },
    );
    const container = new storage.BlobContainer(
      `${name}-container`,
      {
        resourceGroupName: args.resourceGroupName,
        accountName: account.name,
        containerName: LOG_CONTAINER_NAME,
        publicAccess: storage.PublicAccess.None,
      },
      { parent: this, deletedWith: account, protect: isProtected },
    );

    this.ownResourceGroupName = inOwnSubscription(account.id, args.resourceGroupName);
    this.resourceGroupName = args.resourceGroupName;
    this.account = account;
    this.container = container;
    this.accountId = account.id;
    this.accountName = account.name;
    this.containerName = container.name;
    this.blobEndpoint = account.primaryEndpoints.apply(({ blob }) => blob.replace(/\/+$/, ""));
    this.registerOutputs({ accountName: this.accountName, containerName: this.containerName });
  }

  /** The account's first key, a secret. */
  readKey(): pulumi.Output<string> {
    const keys = storage.listStorageAccountKeysOutput(
      { resourceGroupName: this.ownResourceGroupName, accountName: this.accountName },
      { parent: this },
    );
    return pulumi.secret(keys.apply(({ keys: [first] }) => first?.value ?? ""));
  }

  /**
   * A shared access signature that reads and lists the log container, a secret.
   * @param expiry ISO 8601 in UTC; the same expiry returns the same signature, so a second `up` changes nothing.
   */
  readSignature(expiry: string): pulumi.Output<string> {
    const sas = storage.listStorageAccountServiceSASOutput(
      {
        resourceGroupName: this.ownResourceGroupName,
        accountName: this.accountName,
        canonicalizedResource: pulumi.interpolate`/blob/${this.accountName}/${this.containerName}`,
        resource: storage.SignedResource.C,
        permissions: "rl",
        protocols: storage.HttpProtocol.Https,
        sharedAccessExpiryTime: expiry,
      },
      { parent: this },
    );
    return pulumi.secret(sas.serviceSasToken);
  }
}
