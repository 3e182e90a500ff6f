import type * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { type Attendees } from "./attendees";
import { configuredSettings } from "./audit-settings-sql";
import { type AuditableServer } from "./auditable-server";
import { type AuditLogStorage } from "./audit-log-storage";
import { type EventHub } from "./event-hub";
import { type LogAnalytics } from "./log-analytics";
import { type TrailReader } from "./trail-reader";

/** RHEL's bundle of certificate authorities; it contains Azure's. */
const CA_BUNDLE = "/etc/pki/tls/certs/ca-bundle.crt";

export interface LabParts {
  readonly config: LabConfig;
  readonly attendees: Attendees;
  readonly resourceGroup: resources.ResourceGroup;
  readonly storage: AuditLogStorage;
  readonly server: AuditableServer;
  /** Undefined for a stack without a VM. */
  readonly reader: TrailReader | undefined;
  readonly logAnalytics: LogAnalytics | undefined;
  readonly eventHub: EventHub | undefined;
  /** URL of the cloud's portal; undefined for a cloud without one. */
  readonly portal: string | undefined;
}

/** The values that people and scripts need next. Secrets are secret outputs: `pulumi stack output --show-secrets NAME`. */
export function labOutputs(parts: LabParts) {
  const { config, resourceGroup, storage, server, attendees, reader, portal } = parts;
  const settings = configuredSettings(config.audit);
  return {
    resourceGroupName: resourceGroup.name,
    ...(portal !== undefined && {
      portalLink: pulumi.interpolate`${portal}/#resource${resourceGroup.id}/overview`,
    }),

    serverId: server.id,
    ownsServer: server.deletedWith !== undefined,
    serverFqdn: server.fullyQualifiedDomainName,
    databaseName: server.databaseName,
    administratorLogin: server.administratorLogin,
    administratorPassword: pulumi.secret(server.administratorPassword),
    ...(config.attendees.length > 0 && { attendeePasswords: pulumi.secret(attendees.passwords) }),
    ...(settings.length > 0 && { auditSettings: settings }),

    storageAccountName: storage.accountName,
    containerName: storage.containerName,
    blobEndpoint: storage.blobEndpoint,
    ...(parts.logAnalytics && { logAnalyticsWorkspace: parts.logAnalytics.workspaceName }),
    ...(parts.eventHub && {
      eventHubNamespace: parts.eventHub.namespaceName,
      eventHubName: parts.eventHub.eventHubName,
    }),
    ...(reader && readerOutputs(config, server, reader)),
  };
}

function readerOutputs(
  config: LabConfig,
  server: AuditableServer,
  { network, vm, mount }: TrailReader,
) {
  const stack = pulumi.getStack();
  return {
    caBundle: CA_BUNDLE,

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
    ...(mount.sasExpiry !== undefined && {
      storageSasExpiry: mount.sasExpiry,
      storageSasDays: config.storageSasDays,
    }),
    logFolder: currentHourFolder(mount.mountPath, server.id),
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
