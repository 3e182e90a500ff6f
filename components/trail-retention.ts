import * as authorization from "@pulumi/azure-native/authorization";
import * as storage from "@pulumi/azure-native/storage";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type Retention } from "../config/keys/retention";
import { type AuditLogStorage } from "./audit-log-storage";
import { componentType } from "./component";

export interface TrailRetentionArgs {
  readonly storage: AuditLogStorage;
  readonly retention: Retention;
  /**
   * What the lock would keep from being deleted: role assignments and private endpoints of the account. It is set after them,
   * and removed before. Source: terraform-provider-azurerm 17478.
   */
  readonly lockedWith: readonly (pulumi.Resource | undefined)[];
}

/**
 * How long the logs are kept, and who may delete them. Its resources are one chain: Azure refuses a second operation on a
 * storage account meanwhile (StorageAccountOperationInProgress), and a removal needs the lock to be gone first.
 */
export class TrailRetention extends pulumi.ComponentResource {
  /** Deleted with the account, which Azure deletes with an unlocked policy and its logs. */
  private readonly part: pulumi.CustomResourceOptions;

  constructor(
    private readonly name: string,
    private readonly args: TrailRetentionArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("TrailRetention"), name, {}, opts);
    const { storage: logs, retention } = args;
    this.part = { parent: this, deletedWith: logs.account };
    let last: pulumi.Resource = this.createSoftDelete(logs.container);
    if (retention.days > 0) last = this.createLifecycle(last);
    if (retention.immutableDays > 0) last = this.createImmutability(last);
    if (retention.deleteLock) this.createLock(last);
    this.registerOutputs();
  }

  private get scope() {
    const { resourceGroupName, accountName } = this.args.storage;
    return { resourceGroupName, accountName };
  }

  /** Always declared: azure-native deletes it with an empty body, of which nothing is published that Azure turns it off. */
  private createSoftDelete(after: pulumi.Resource): pulumi.Resource {
    const { softDeleteDays: days } = this.args.retention;
    const policy = days > 0 ? { enabled: true, days } : { enabled: false };
    return new storage.BlobServiceProperties(
      `${this.name}-soft-delete`,
      {
        ...this.scope,
        blobServicesName: "default",
        deleteRetentionPolicy: policy,
        containerDeleteRetentionPolicy: policy,
      },
      { ...this.part, dependsOn: [after] },
    );
  }

  /**
   * Deletes logs by age. Append blobs have no tiers, so a rule for them can only delete. It has no prefixes: the account has
   * nothing but logs, and Azure extends the groups of categories by itself.
   * Sources: Azure's "Azure Blob Storage lifecycle management overview", known issues; Azure Monitor, category groups.
   */
  private createLifecycle(after: pulumi.Resource): pulumi.Resource {
    return new storage.ManagementPolicy(
      `${this.name}-lifecycle`,
      {
        ...this.scope,
        managementPolicyName: "default",
        policy: {
          rules: [
            {
              name: "delete-old-logs",
              enabled: true,
              type: storage.RuleType.Lifecycle,
              definition: {
                filters: { blobTypes: ["appendBlob"] },
                actions: {
                  baseBlob: {
                    delete: { daysAfterModificationGreaterThan: this.args.retention.days },
                  },
                },
              },
            },
          ],
        },
      },
      { ...this.part, dependsOn: [after] },
    );
  }

  /** Of the log container, by a script: see there. A change of the days runs it again. */
  private createImmutability(after: pulumi.Resource): pulumi.Resource {
    const { storage: logs, retention } = this.args;
    const script = "node --import tsx scripts/immutability-policy.ts";
    const locked = retention.locked ? " locked" : "";
    return new command.local.Command(
      `${this.name}-immutability`,
      {
        create: pulumi.interpolate`${script} apply '${logs.container.id}' ${retention.immutableDays}${locked}`,
        delete: pulumi.interpolate`${script} remove '${logs.container.id}'`,
        // Differs for another account with the same name.
        triggers: [logs.account.creationTime],
        addPreviousOutputInEnv: false,
      },
      // Otherwise the removal of the old one would follow the creation of the new one.
      { ...this.part, dependsOn: [after], deleteBeforeReplace: true },
    );
  }

  /** Of the account: what is in it inherits it. Source: Azure's "Lock your resources to protect your infrastructure". */
  private createLock(after: pulumi.Resource): void {
    new authorization.ManagementLockByScope(
      `${this.name}-lock`,
      {
        scope: this.args.storage.accountId,
        lockName: "keep-audit-logs",
        level: authorization.LockLevel.CanNotDelete,
        notes:
          "The audit trail of a PostgreSQL server. `retention.deleteLock: false` removes this lock.",
      },
      {
        parent: this,
        dependsOn: [after, ...this.args.lockedWith.filter((part) => part !== undefined)],
      },
    );
  }
}
