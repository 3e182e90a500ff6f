/** Settings of a stack that differ from its file and the defaults. */
export interface StackVariant {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** @default "dev" */
  readonly stack?: string;
}

const PUBLIC_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUtGzgPBKLSZZjA3eQP1uzUpKSBVQlZZ3rnVmzwoDBk me";

const TEAM = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/TEAM/providers";
const EXISTING_SERVER_ID = `${TEAM}/Microsoft.DBforPostgreSQL/flexibleServers/team-db`;

/** Every way in which the configuration affects requests, at the limits of the rules in config/. */
export const STACK_VARIANTS: readonly StackVariant[] = [
  { name: "account key, private server, RHEL 8 (the defaults)", settings: {} },
  { name: "the local stack", settings: {}, stack: "local" },
  {
    name: "shared access signature, private server, RHEL 9",
    settings: {
      storageAuthentication: "sas",
      storageSasDays: 365,
      rhelMajorVersion: 9,
      vmSize: "Standard_D2s_v5",
      postgresSkuName: "Standard_D2ds_v5",
      postgresStorageSizeGb: 64,
    },
  },
  {
    name: "managed identity, tags, no auto-shutdown, PostgreSQL 16",
    settings: {
      storageAuthentication: "managedIdentity",
      tags: { owner: "me", "cost-centre": "42" },
      autoShutdownTime: "",
      postgresVersion: "16",
    },
  },
  {
    name: "user-assigned identity, an account that accepts its keys all the same",
    settings: { storageAuthentication: "userAssignedIdentity", storageSharedKeyAccess: true },
  },
  {
    name: "service principal, public server, parameters and categories of all kinds, Log Analytics, Event Hub",
    settings: {
      storageAuthentication: "servicePrincipal",
      storageServicePrincipal: {
        tenantId: "11111111-1111-4111-8111-111111111111",
        clientId: "22222222-2222-4222-8222-222222222222",
        objectId: "33333333-3333-4333-8333-333333333333",
        clientSecret: "secret",
      },
      postgresNetworkAccess: "public",
      tags: { owner: "me" },
      extensions: ["pg_trgm", "uuid-ossp"],
      sharedPreloadLibraries: ["auto_explain"],
      serverParameters: {
        max_connections: 120,
        "pgaudit.log": "DDL,ROLE",
        "pgaudit.log_catalog": false,
        log_line_prefix: "%m [%p] %u@%d %h ",
        work_mem: 8192,
      },
      logCategories: ["PostgreSQLLogs", "PostgreSQLFlexSessions"],
      logAnalytics: true,
      eventHub: true,
    },
  },
  {
    name: "audited objects, roles and databases, attendees, administrators of Microsoft Entra",
    settings: {
      audit: {
        objects: [
          { relations: ["sales.*", "public.order_?"], privileges: ["SELECT"], roles: ["app"] },
        ],
        roles: { app: { "pgaudit.log": "DDL" } },
        databases: { pgbench: { "pgaudit.log_parameter": true } },
        revision: "2",
      },
      serverParameters: { "pgaudit.log": "DDL,ROLE" },
      attendees: ["alice", "bob"],
      microsoftEntra: {
        tenantId: "11111111-1111-4111-8111-111111111111",
        administrators: [
          {
            objectId: "22222222-2222-4222-8222-222222222222",
            principalName: "ann@contoso.com",
          },
          {
            objectId: "33333333-3333-4333-8333-333333333333",
            principalName: "Database Administrators",
            principalType: "Group",
          },
        ],
      },
    },
  },
  {
    name: "the longest names, PostgreSQL 14, memory optimized",
    settings: {
      resourceGroupName: `g${"r".repeat(89)}`,
      databaseName: `d${"b".repeat(62)}`,
      administratorLogin: `l${"o".repeat(62)}`,
      vmAdminUsername: `u${"s".repeat(30)}`,
      postgresVersion: "14",
      postgresSkuName: "Standard_E4ds_v5",
      postgresStorageSizeGb: 32767,
      sshSourceAddressPrefixes: Array.from({ length: 40 }, (_, host) => `198.51.100.${host}/32`),
      sshPublicKeys: [PUBLIC_KEY, `${PUBLIC_KEY}-too`],
    },
  },
  {
    name: "the shortest names, PostgreSQL 17",
    settings: {
      resourceGroupName: "g",
      databaseName: "d",
      administratorLogin: "l",
      vmAdminUsername: "u",
      postgresVersion: "17",
      serverParameters: { "pgaudit.log": "NONE", "pgaudit.role": "auditor" },
    },
  },
  {
    name: "names with special characters, another region, public server, the original workshop's v1 file, PostgreSQL 14",
    settings: {
      location: "eastus2",
      resourceGroupName: "-r_g.(1)",
      databaseName: "_d_1",
      administratorLogin: "_l_1",
      vmAdminUsername: "u_-1",
      postgresVersion: "14",
      postgresNetworkAccess: "public",
      autoShutdownTime: "2359",
      autoShutdownTimeZone: "W. Europe Standard Time",
      packagesUrl: "https://packages.example.com/microsoft/",
      sshPort: 2222,
      cacheSizeMb: 256,
      mountV1Config: true,
    },
  },
  {
    name: "a server that exists already, all of its databases",
    settings: {
      postgres: { existingServerId: EXISTING_SERVER_ID, administratorPassword: "secret" },
      postgresNetworkAccess: "public",
      allowRestart: true,
      extensions: ["pg_trgm"],
    },
  },
  {
    name: "a private server that exists already, the VM in its network",
    settings: {
      postgres: {
        existingServerId: `${EXISTING_SERVER_ID}-private`,
        administratorPassword: "secret",
      },
      postgresNetworkAccess: "private",
      vmSubnetId: `${TEAM}/Microsoft.Network/virtualNetworks/hub/subnets/machines`,
      storageNetworkAccess: "trusted",
    },
  },
  {
    name: "no VM, public server",
    settings: { vm: false, postgresNetworkAccess: "public" },
  },
  {
    name: "logs that are deleted after a year and can't be before, storage for trusted networks",
    settings: {
      storageNetworkAccess: "trusted",
      sshSourceAddressPrefixes: ["20.50.60.70", "20.50.60.70/32", "20.50.60.0/31", "20.0.0.0/8"],
      retention: {
        days: 99_999,
        immutableDays: 99_999,
        locked: true,
        lockedConfirmation: "99999 days, irrevocably",
        softDeleteDays: 365,
        deleteLock: true,
        protect: true,
      },
    },
  },
  {
    name: "storage with a private endpoint, the shortest retention",
    settings: {
      storageNetworkAccess: "private",
      tags: { owner: "me" },
      retention: { days: 1, immutableDays: 1, softDeleteDays: 1 },
    },
  },
];

/** Variants that together create every kind of resource and call every action of the stack. */
export const VARIANTS_THAT_SEND_ALL = STACK_VARIANTS.filter(
  ({
    settings: {
      storageAuthentication = "",
      storageNetworkAccess = "",
      mountV1Config,
      microsoftEntra,
    },
  }) =>
    mountV1Config === true ||
    microsoftEntra !== undefined ||
    ["servicePrincipal", "sas", "userAssignedIdentity"].includes(String(storageAuthentication)) ||
    ["trusted", "private"].includes(String(storageNetworkAccess)),
);
