import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import * as crypto from "node:crypto";
import { type LabConfig } from "../config/schema";
import { type AuditLogStorage } from "./audit-log-storage";
import { blobfuse2Config, type BlobfuseSignIn, fuseConnectionConfig } from "./blobfuse-config";
import { componentType } from "./component";
import { type Principal } from "./machine-identity";
import { sasExpiry } from "./sas-expiry";
import { type VmScripts } from "./vm-step";

/**
 * Not below /mnt, as in the original workshop: Azure mounts the VM's temporary disk there by an fstab line that waits for
 * cloud-init, and on RHEL 9 a mount unit below it is part of an ordering cycle, of which systemd drops a job at boot.
 */
const CACHE_FOLDER = "/var/cache/blobfuse2";
const CACHE_PATH = `${CACHE_FOLDER}/files`;
const CONFIG_PATH = "/etc/pg-audit-lab-blobfuse2.yaml";
/** Below a folder that only the administrator can enter, as the home folder with the other mount. */
const UNCACHED_MOUNT_PATH = "/var/lib/pg-audit-lab/uncached/container";

/** Storage Blob Data Reader. Source: Azure's "Built-in roles for storage". */
const BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

/** How the VM signs in to the storage account. */
export type StorageAuthentication =
  | { readonly kind: "key" }
  | { readonly kind: "sas"; readonly expiry: string }
  | { readonly kind: "managedIdentity"; readonly principal: Principal }
  | {
      readonly kind: "servicePrincipal";
      readonly tenantId: string;
      readonly clientId: string;
      /** Object id of the principal, which gets the role. */
      readonly objectId: string;
      readonly clientSecret: pulumi.Input<string>;
    };

/** The sign-in that the configuration chooses. */
export function storageAuthentication(
  config: LabConfig,
  principal: Principal,
): StorageAuthentication {
  switch (config.storageAuthentication) {
    case "key":
      return { kind: "key" };
    case "sas":
      return { kind: "sas", expiry: sasExpiry(config.storageSasDays) };
    case "managedIdentity":
    case "userAssignedIdentity":
      return { kind: "managedIdentity", principal };
    case "servicePrincipal":
      return {
        kind: "servicePrincipal",
        ...config.storageServicePrincipal,
        clientSecret: config.storageClientSecret,
      };
  }
}

export interface BlobfuseMountArgs {
  readonly scripts: VmScripts;
  readonly storage: AuditLogStorage;
  readonly authentication: StorageAuthentication;
  readonly adminUsername: string;
  /** URL of blobfuse2's package repository, without a slash at its end. */
  readonly packagesUrl: string;
  readonly rhelMajorVersion: number;
  /** Size of the tmpfs cache in MiB. */
  readonly cacheSizeMb: number;
  /** Whether the original workshop's fuse_connection.cfg is written too. */
  readonly v1Config: boolean;
}

/**
 * The log container, mounted read-only with blobfuse2 twice; a reboot mounts it again. At ~/mycontainer it has a tmpfs
 * cache, for people: opening a file downloads all of it. The other mount has none, for `audit-tail`, which reads the end
 * of a file that grows and may be larger than the cache.
 */
export class BlobfuseMount extends pulumi.ComponentResource {
  /** Absolute path of the mount on the VM. */
  readonly mountPath: string;
  /** Absolute path of the mount without a cache. */
  readonly uncachedMountPath = UNCACHED_MOUNT_PATH;
  /** When the shared access signature ends, ISO 8601; undefined for other sign-ins. */
  readonly sasExpiry: string | undefined;

  constructor(
    private readonly name: string,
    private readonly args: BlobfuseMountArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("BlobfuseMount"), name, {}, opts);
    const { adminUsername, authentication } = args;
    this.sasExpiry = authentication.kind === "sas" ? authentication.expiry : undefined;
    const home = `/home/${adminUsername}`;
    this.mountPath = `${home}/mycontainer`;

    const roles = this.createRoleAssignment();
    const install = this.step("install-blobfuse", [
      args.packagesUrl,
      String(args.rhelMajorVersion),
    ]);
    const cache = this.step("build-cache", [CACHE_FOLDER, `${args.cacheSizeMb}m`]);
    const text = this.configText();
    const config = this.step("write-config", [CONFIG_PATH, "root"], { stdin: text });
    const revision = fingerprint(text);
    this.step("mount-container", [this.mountPath, CONFIG_PATH, adminUsername, CACHE_PATH], {
      revision,
      dependsOn: [install, cache, config, ...roles],
    });
    const uncached = this.step(
      "mount-container",
      [this.uncachedMountPath, CONFIG_PATH, adminUsername],
      { name: "mount-uncached", revision, dependsOn: [install, config, ...roles] },
    );
    this.step("install-audit-tail", [this.uncachedMountPath, this.mountPath, CACHE_FOLDER], {
      dependsOn: [uncached],
    });
    if (args.v1Config) {
      this.step("write-config", [`${home}/fuse_connection.cfg`, adminUsername], {
        name: "write-v1-config",
        stdin: this.v1ConfigText(),
      });
    }
    this.registerOutputs({
      mountPath: this.mountPath,
      uncachedMountPath: this.uncachedMountPath,
    });
  }

  private step(
    script: string,
    words: readonly pulumi.Input<string>[],
    more: {
      name?: string;
      stdin?: pulumi.Input<string>;
      revision?: pulumi.Input<string>;
      dependsOn?: readonly pulumi.Resource[];
    } = {},
  ): pulumi.Resource {
    const { name = script, stdin, revision, dependsOn } = more;
    return this.args.scripts.run(
      `${this.name}-${name}`,
      { script: `${script}.sh`, arguments: words, stdin, revision, removable: true },
      { parent: this, dependsOn },
    );
  }

  /** An identity needs a role to read the container; a key or signature does not. */
  private createRoleAssignment(): pulumi.Resource[] {
    const { authentication, storage } = this.args;
    if (authentication.kind === "key" || authentication.kind === "sas") return [];
    const principalId =
      authentication.kind === "managedIdentity"
        ? authentication.principal.objectId
        : authentication.objectId;
    return [
      new authorization.RoleAssignment(
        `${this.name}-reader`,
        {
          scope: storage.accountId,
          principalId,
          principalType: "ServicePrincipal",
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${BLOB_DATA_READER}`,
        },
        { parent: this },
      ),
    ];
  }

  private configText(): pulumi.Output<string> {
    const { storage } = this.args;
    const text = pulumi
      .all([storage.accountName, storage.containerName, storage.blobEndpoint, this.signIn()])
      .apply(([accountName, containerName, blobEndpoint, signIn]) =>
        blobfuse2Config({
          accountName,
          containerName,
          blobEndpoint,
          cachePath: CACHE_PATH,
          signIn,
        }),
      );
    return pulumi.secret(text);
  }

  private signIn(): pulumi.Output<BlobfuseSignIn> {
    const { authentication, storage } = this.args;
    switch (authentication.kind) {
      case "key":
        return storage.readKey().apply((accountKey) => ({ mode: "key" as const, accountKey }));
      case "sas":
        return storage
          .readSignature(authentication.expiry)
          .apply((signature) => ({ mode: "sas" as const, signature }));
      case "managedIdentity":
        return pulumi.output({ mode: "msi" as const, clientId: authentication.principal.clientId });
      case "servicePrincipal":
        return pulumi.output({
          mode: "spn" as const,
          tenantId: authentication.tenantId,
          clientId: authentication.clientId,
          clientSecret: authentication.clientSecret,
        });
    }
  }

  private v1ConfigText(): pulumi.Output<string> {
    const { storage } = this.args;
    return pulumi.secret(
      pulumi
        .all([storage.accountName, storage.readKey(), storage.containerName])
        .apply((values) => fuseConnectionConfig(...values)),
    );
  }
}

/** Differs for another secret text, but reveals nothing of it: the mount is renewed when its file changes. */
function fingerprint(text: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    text.apply((value) => crypto.createHash("sha256").update(value).digest("hex").slice(0, 12)),
  );
}
