import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { portalFromEnvironment } from "./azure/cloud";
import { AuditExtension } from "./components/audit-extension";
import { AuditLogStorage } from "./components/audit-log-storage";
import { AuditSettings } from "./components/audit-settings";
import { Attendees } from "./components/attendees";
import { AuditedPostgres } from "./components/audited-postgres";
import { EventHub } from "./components/event-hub";
import { EntraAdministrators } from "./components/entra-administrators";
import { existingServer } from "./components/existing-server";
import { allowedAddresses } from "./components/firewall-rules";
import { labServer } from "./components/lab-server";
import { LogAnalytics } from "./components/log-analytics";
import { LabNetwork } from "./components/network";
import { ObjectAuditing } from "./components/object-auditing";
import { labOutputs } from "./components/outputs";
import { SqlSteps } from "./components/sql-steps";
import { StorageAccess, storageNetworkRules } from "./components/storage-network";
import { TrailPlace } from "./components/trail-place";
import { createTrailReader } from "./components/trail-reader";
import { TrailRetention } from "./components/trail-retention";
import { readConfig } from "./config";
import { needsSharedKey } from "./config/keys/storage";

const config = readConfig();

const suffix = new random.RandomString("suffix", { length: 13, special: false, upper: false });
const accountName = pulumi.interpolate`pgauditlogs${suffix.result}`;
const place = new TrailPlace("trail-place", { config, accountName });
const { location } = place;
const { tags } = config;
const resourceGroup = new resources.ResourceGroup("resource-group", {
  resourceGroupName: place.resourceGroupName,
  location,
  tags,
});
const placement = { resourceGroupName: resourceGroup.name, location, tags };
const isExisting = config.postgres.existingServerId !== "";

const network = config.vm ? new LabNetwork("network", { ...placement, config }) : undefined;
const storage = new AuditLogStorage("storage", {
  ...placement,
  accountName,
  sharedKeyAccess: needsSharedKey(config),
  networkRuleSet: storageNetworkRules(config, network),
  retention: config.retention,
});
const storageAccess = new StorageAccess("storage-access", {
  ...placement,
  access: config.storageNetworkAccess,
  network,
  storage,
});
const addresses = allowedAddresses(config, network?.publicIpAddress);
const privateNetwork = network?.privatePostgres;
const postgres = new AuditedPostgres("postgres", {
  config,
  server: isExisting
    ? existingServer({ config, addresses })
    : labServer({ ...placement, place, config, addresses, privateNetwork }),
  storageAccountId: storage.accountId,
});
const reader = network && createTrailReader({ placement, config, network, storage, storageAccess });
const { server } = postgres;
const log = { ...placement, serverId: server.id, logCategories: config.logCategories };
const logAnalytics = config.logAnalytics ? new LogAnalytics("log-analytics", log) : undefined;
const eventHub = config.eventHub ? new EventHub("event-hub", log) : undefined;
const sql = new SqlSteps(server, reader);
const extension = new AuditExtension("audit-extension", { sql, postgres });
const parameters = postgres.createDynamicParameters(extension.created);
new EntraAdministrators("entra-administrators", { config, server, after: parameters });
const attendees = new Attendees("attendees", { config, sql, server, after: extension.created });
const objects = new ObjectAuditing("object-auditing", {
  config,
  sql,
  server,
  after: attendees.created,
});
new AuditSettings("audit-settings", { config, sql, server, after: objects.created });
new TrailRetention("retention", {
  storage,
  retention: config.retention,
  lockedWith: [storageAccess, reader?.mount],
});

module.exports = labOutputs({
  config,
  resourceGroup,
  storage,
  server,
  attendees,
  reader,
  logAnalytics,
  eventHub,
  portal: portalFromEnvironment(process.env),
});
