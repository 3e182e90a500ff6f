import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { portalFromEnvironment } from "./azure/cloud";
import { AuditExtension } from "./components/audit-extension";
import { AuditLogStorage } from "./components/audit-log-storage";
import { AuditedPostgres } from "./components/audited-postgres";
import { AuthorizedKeys } from "./components/authorized-keys";
import { BlobfuseMount, storageAuthentication } from "./components/blobfuse-mount";
import { LabNetwork } from "./components/network";
import { labOutputs } from "./components/outputs";
import { RhelVm } from "./components/rhel-vm";
import { VmScripts } from "./components/vm-step";
import { readConfig } from "./config";

const config = readConfig();

const SUFFIX = { length: 13, special: false, upper: false };
const suffix = new random.RandomString("suffix", SUFFIX);
// Azure doesn't give a deleted server's name to another one, so every change that replaces the server gives a new name.
// Source: terraform-provider-azurerm 16622, azure-docs 115432.
const postgresSuffix = new random.RandomString("postgres-suffix", {
  ...SUFFIX,
  keepers: {
    location: config.location,
    resourceGroupName: config.resourceGroupName,
    administratorLogin: config.administratorLogin,
    networkAccess: config.postgresNetworkAccess,
    version: config.postgresVersion,
  },
});
const password = new random.RandomPassword("administrator-password", {
  length: 24,
  // Without characters that are special in a shell, a connection string or YAML.
  overrideSpecial: "-_.~",
  minLower: 1,
  minUpper: 1,
  minNumeric: 1,
  minSpecial: 1,
});
const resourceGroup = new resources.ResourceGroup("resource-group", {
  resourceGroupName: config.resourceGroupName,
  location: config.location,
  tags: config.tags,
});
const placement = {
  resourceGroupName: resourceGroup.name,
  location: config.location,
  tags: config.tags,
};

const network = new LabNetwork("network", {
  ...placement,
  sshSourceAddressPrefixes: config.sshSourceAddressPrefixes,
  privatePostgres: config.postgresNetworkAccess === "private",
});
const storage = new AuditLogStorage("storage", {
  ...placement,
  accountName: pulumi.interpolate`pgauditlogs${suffix.result}`,
});
const postgres = new AuditedPostgres("postgres", {
  ...placement,
  serverName: pulumi.interpolate`psqlflexi${postgresSuffix.result}`,
  version: config.postgresVersion,
  skuName: config.postgresSkuName,
  storageSizeGb: config.postgresStorageSizeGb,
  administratorLogin: config.administratorLogin,
  administratorPassword: password.result,
  databaseName: config.databaseName,
  privateNetwork: network.privatePostgres,
  allowedIpAddress: network.publicIpAddress,
  extensions: config.extensions,
  sharedPreloadLibraries: config.sharedPreloadLibraries,
  serverParameters: config.serverParameters,
  logCategories: config.logCategories,
  storageAccountId: storage.accountId,
});
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
  managedIdentity: config.storageAuthentication === "managedIdentity",
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
const extension = new AuditExtension("audit-extension", {
  scripts,
  postgres,
  administratorPassword: password.result,
});
postgres.createDynamicParameters(extension.created);
const mount = new BlobfuseMount("mount", {
  scripts,
  storage,
  authentication: storageAuthentication(config, vm.principalId),
  adminUsername: config.vmAdminUsername,
  packagesUrl: config.packagesUrl,
  rhelMajorVersion: config.rhelMajorVersion,
  cacheSizeMb: config.cacheSizeMb,
  v1Config: config.mountV1Config,
});

module.exports = labOutputs({
  config,
  resourceGroup,
  network,
  storage,
  postgres,
  vm,
  mount,
  administratorPassword: password.result,
  portal: portalFromEnvironment(process.env),
});
