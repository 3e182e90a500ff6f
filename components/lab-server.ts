import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type LabConfig } from "../config/schema";
import { type AuditableServer, type ServerSource } from "./auditable-server";
import { type PlacementArgs } from "./component";
import { databasePassword } from "./database-password";
import { type AllowedAddresses, createFirewallRules } from "./firewall-rules";
import { type PrivatePostgresNetwork } from "./network";
import { azurePreloadLibraries } from "./server-parameters";
import { ServerScripts } from "./server-scripts";

export interface LabServerArgs extends PlacementArgs {
  readonly config: LabConfig;
  /** The names of region and group as they are configured, which a preview knows even if the group is replaced. */
  readonly place: Pick<PlacementArgs, "location" | "resourceGroupName">;
  /** The network of a private server; without it the server has a public endpoint. */
  readonly privateNetwork?: PrivatePostgresNetwork;
  /** Who may use the public endpoint; ignored with `privateNetwork`. */
  readonly addresses: readonly AllowedAddresses[];
}

/** A new flexible server with its database. */
export function labServer(args: LabServerArgs): ServerSource {
  return (name, parent) => {
    const { config, privateNetwork: network } = args;
    const password = databasePassword("administrator-password", "-_.~");
    const server = new postgresql.Server(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        serverName: pulumi.interpolate`psqlflexi${serverSuffix(args).result}`,
        version: config.postgresVersion,
        sku: { name: config.postgresSkuName, tier: skuTier(config.postgresSkuName) },
        storage: { storageSizeGB: config.postgresStorageSizeGb },
        backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
        highAvailability: { mode: "Disabled" },
        authConfig: authConfig(config),
        administratorLogin: config.administratorLogin,
        administratorLoginPassword: password,
        createMode: "Default",
        network: network
          ? {
              delegatedSubnetResourceId: network.delegatedSubnetResourceId,
              privateDnsZoneArmResourceId: network.privateDnsZoneArmResourceId,
            }
          : { publicNetworkAccess: "Enabled" },
      },
      {
        parent,
        dependsOn: network ? [network.link] : [],
        // One server at a time: a second one would cost as much, and get no data of the first.
        deleteBeforeReplace: true,
        // azure-native would send these as updates: Azure upgrades a major version for good, and refuses another network.
        replaceOnChanges: ["version", "network.delegatedSubnetResourceId"],
      },
    );
    return withDatabase(name, parent, args, server, password);
  };
}

/** Everything but the server itself is deleted with it. */
function withDatabase(
  name: string,
  parent: pulumi.Resource,
  { config, resourceGroupName, privateNetwork, addresses }: LabServerArgs,
  server: postgresql.Server,
  password: pulumi.Output<string>,
): AuditableServer {
  const part = { parent, deletedWith: server };
  const scope = { resourceGroupName, serverName: server.name };
  // Source: the sample response of Microsoft's "Servers - Get", API version 2025-08-01.
  const createdAt = server.systemData.apply((data) => data?.createdAt ?? "");
  const scripts = new ServerScripts(name, { id: server.id, createdAt }, part);
  // azure-native doesn't retry a write that a new server refuses as busy (azure-postgresql issue 134).
  const writable = scripts.run("wait-until-writable", "wait-until-writable", { dependsOn: [] });
  const database = new postgresql.Database(
    `${name}-database`,
    { ...scope, databaseName: config.databaseName, charset: "UTF8", collation: "en_US.utf8" },
    { ...part, dependsOn: [writable] },
  );
  const rules = privateNetwork ? [] : addresses;
  return {
    id: server.id,
    resourceGroupName: resourceGroupName,
    name: server.name,
    fullyQualifiedDomainName: server.fullyQualifiedDomainName,
    administratorLogin: config.administratorLogin,
    administratorPassword: password,
    createdAt,
    deletedWith: server,
    presentExtensions: [],
    presentLibraries: azurePreloadLibraries(config.postgresVersion),
    databaseName: database.name,
    databases: [database.name],
    scripts,
    restartArguments: () => [],
    prepare: () => ({
      last: createFirewallRules(name, scope, rules, { ...part, dependsOn: [database] }),
    }),
  };
}

/**
 * Azure doesn't give a deleted server's name to another one, so every change that replaces the server gives a new name.
 * Source: terraform-provider-azurerm 16622, azure-docs 115432.
 */
const serverSuffix = ({ config, place }: LabServerArgs): random.RandomString =>
  new random.RandomString("postgres-suffix", {
    length: 13,
    special: false,
    upper: false,
    keepers: {
      location: place.location,
      resourceGroupName: place.resourceGroupName,
      administratorLogin: config.administratorLogin,
      networkAccess: config.postgresNetworkAccess,
      version: config.postgresVersion,
    },
  });

/** Passwords stay: the lab's own steps sign in with the administrator's. */
const authConfig = ({ microsoftEntra: { tenantId, administrators } }: LabConfig) =>
  administrators.length === 0
    ? { passwordAuth: "Enabled", activeDirectoryAuth: "Disabled" }
    : { passwordAuth: "Enabled", activeDirectoryAuth: "Enabled", tenantId };

/** Azure requires the tier too, though the size's name implies it. Source: Azure's "Compute and storage options". */
function skuTier(skuName: string): postgresql.SkuTier {
  if (skuName.startsWith("Standard_B")) return postgresql.SkuTier.Burstable;
  if (skuName.startsWith("Standard_E")) return postgresql.SkuTier.MemoryOptimized;
  return postgresql.SkuTier.GeneralPurpose;
}
