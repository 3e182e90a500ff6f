import type * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { CA_BUNDLE } from "./audit-extension";
import { type AuditLogStorage } from "./audit-log-storage";
import { type AuditedPostgres } from "./audited-postgres";
import { type BlobfuseMount } from "./blobfuse-mount";
import { type LabNetwork } from "./network";
import { type RhelVm } from "./rhel-vm";

export interface LabParts {
  readonly config: LabConfig;
  readonly resourceGroup: resources.ResourceGroup;
  readonly network: LabNetwork;
  readonly storage: AuditLogStorage;
  readonly postgres: AuditedPostgres;
  readonly vm: RhelVm;
  readonly mount: BlobfuseMount;
  readonly administratorPassword: pulumi.Output<string>;
  /** URL of the cloud's portal; undefined for a cloud without one. */
  readonly portal: string | undefined;
}

/** The values that people and scripts need next. Secrets are secret outputs: `pulumi stack output --show-secrets NAME`. */
export function labOutputs(parts: LabParts) {
  const { config, resourceGroup, network, storage, postgres, vm, mount, portal } = parts;
  const stack = pulumi.getStack();
  return {
    resourceGroupName: resourceGroup.name,
    ...(portal !== undefined && {
      portalLink: pulumi.interpolate`${portal}/#resource${resourceGroup.id}/overview`,
    }),

    serverId: postgres.serverId,
    serverFqdn: postgres.fullyQualifiedDomainName,
    databaseName: postgres.databaseName,
    administratorLogin: config.administratorLogin,
    administratorPassword: pulumi.secret(parts.administratorPassword),
    caBundle: CA_BUNDLE,

    storageAccountName: storage.accountName,
    containerName: storage.containerName,
    blobEndpoint: storage.blobEndpoint,

    vmAddress: network.publicIpAddress,
    sshPort: config.sshPort,
    vmAdminUsername: config.vmAdminUsername,
    sshHostKey: vm.hostPublicKey,
    sshPrivateKey: vm.privateKey,

    sshCommand: `./lab ssh --stack ${stack}`,
    psqlCommand: `./lab psql --stack ${stack}`,
    tailCommand: `./lab ssh --stack ${stack} audit-tail --decode`,
    mountPath: mount.mountPath,
    uncachedMountPath: mount.uncachedMountPath,
    cacheSizeMb: config.cacheSizeMb,
    logFolder: currentHourFolder(mount.mountPath, postgres.serverId),
  };
}

/**
 * The folder of the current hour, for a shell on the VM: the shell fills in the time, so that the output
 * doesn't change from one `up` to the next. Azure writes the resource id in capitals.
 */
function currentHourFolder(
  mountPath: string,
  serverId: pulumi.Output<string>,
): pulumi.Output<string> {
  return serverId.apply(
    (id) => `${mountPath}/resourceId=${id.toUpperCase()}/$(date -u +y=%Y/m=%m/d=%d/h=%H/m=00)`,
  );
}
