import type * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { type AuditLogStorage } from "./audit-log-storage";
import { AuthorizedKeys } from "./authorized-keys";
import { BlobfuseMount, storageAuthentication } from "./blobfuse-mount";
import { type PlacementArgs } from "./component";
import { machineIdentityKind } from "./machine-identity";
import { type LabNetwork } from "./network";
import { RhelVm } from "./rhel-vm";
import { VmScripts } from "./vm-step";

export interface TrailReaderArgs {
  readonly placement: PlacementArgs;
  readonly config: LabConfig;
  readonly network: LabNetwork;
  readonly storage: AuditLogStorage;
  /** What the VM needs to reach the storage account. */
  readonly storageAccess: pulumi.Resource;
}

/** What shows the trail as files. */
export interface TrailReader {
  readonly network: LabNetwork;
  readonly vm: RhelVm;
  readonly scripts: VmScripts;
  readonly mount: BlobfuseMount;
}

/** The VM that mounts the trail. */
export function createTrailReader(args: TrailReaderArgs): TrailReader {
  const { placement, config, network, storage } = args;
  const vm = new RhelVm("vm", {
    ...placement,
    networkInterfaceId: network.networkInterfaceId,
    sshAddress: network.publicIpAddress,
    sshPort: config.sshPort,
    adminUsername: config.vmAdminUsername,
    size: config.vmSize,
    rhelMajorVersion: config.rhelMajorVersion,
    autoShutdownTime: config.autoShutdownTime,
    autoShutdownTimeZone: config.autoShutdownTimeZone,
    managedIdentity: machineIdentityKind(config),
  });
  const scripts = new VmScripts("vm-scripts", {
    connection: vm.connection,
    machine: vm.machine,
    machineId: vm.vmId,
  });
  new AuthorizedKeys("authorized-keys", {
    scripts,
    adminUsername: config.vmAdminUsername,
    sshPublicKeys: config.sshPublicKeys,
  });
  // The people's: ./lab psql runs it there. It stays when the step is removed.
  scripts.run(
    "install-psql",
    { script: "install-psql.sh", arguments: [], removable: false },
    { parent: scripts },
  );
  const mount = new BlobfuseMount(
    "mount",
    {
      scripts,
      storage,
      authentication: storageAuthentication(config, vm.principal),
      adminUsername: config.vmAdminUsername,
      packagesUrl: config.packagesUrl,
      rhelMajorVersion: config.rhelMajorVersion,
      cacheSizeMb: config.cacheSizeMb,
      v1Config: config.mountV1Config,
    },
    { dependsOn: args.storageAccess },
  );
  return { network, vm, scripts, mount };
}
