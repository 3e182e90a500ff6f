import { configWarnings, validateConfig } from "../../../config/schema";
import { needsSharedKey } from "../../../config/keys/storage";
import { problems } from "../support/config-problems";
import { rawConfig } from "../support/project-config";
import { ED25519_KEY, RSA_KEY } from "../support/ssh-keys";

test("version 14 is valid, with a warning of what it costs", () => {
  const warnings = (postgresVersion: string) =>
    configWarnings(validateConfig(rawConfig({ postgresVersion })));
  expect(warnings("14")).toEqual([expect.stringMatching(/extended support from December 2026/)]);
  expect(warnings("15")).toEqual([]);
});

const principal = { tenantId: "t", clientId: "c", objectId: "o", hasClientSecret: true };

describe("the configuration", () => {
  test("is right with nothing but an address", () => expect(problems({})).toBe(""));

  test.each([
    ["location", "eastus2"],
    ["resourceGroupName", "My.Group_(1)"],
    ["tags", { owner: "me" }],
    ["sshSourceAddressPrefixes", ["203.0.113.7", "198.51.100.0/24"]],
    ["sshPublicKeys", [`${ED25519_KEY} me@home`, RSA_KEY]],
    ["sshPort", 65535],
    ["vmAdminUsername", "me-2"],
    ["rhelMajorVersion", 9],
    ["autoShutdownTime", "2359"],
    ["autoShutdownTime", ""],
    ["postgresVersion", "18"],
    ["logCategories", ["audit", "allLogs"]],
    ["logCategories", ["PostgreSQLFlexSessions", "PostgreSQLLogs"]],
    ["postgresStorageSizeGb", 32767],
    ["postgresNetworkAccess", "public"],
    ["administratorLogin", "_me"],
    ["databaseName", "audit_db"],
    ["extensions", ["uuid-ossp", "PG_TRGM"]],
    ["sharedPreloadLibraries", ["pg_prewarm"]],
    ["serverParameters", { "pgaudit.log": "DDL", log_lock_waits: true, work_mem: 4096 }],
    ["storageServicePrincipal", principal],
  ])("%s may be %j", (key, value) => expect(problems({ [key]: value })).toBe(""));

  test.each([
    ["location", "West Europe", /"West Europe" was given; an Azure region's short name/],
    ["resourceGroupName", "group.", /"group\." was given;.*not ending in a period/],
    ["resourceGroupName", "", /"" was given/],
    ["tags", { cost: 1 }, /tags\[cost\]: 1 was given/],
    ["sshSourceAddressPrefixes", [], /nobody could sign in.*\n.*pulumi config set --path/],
    [
      "sshSourceAddressPrefixes",
      ["0.0.0.0/0"],
      /Prefixes\[0\]: "0\.0\.0\.0\/0" opens SSH to every/,
    ],
    ["sshSourceAddressPrefixes", "203.0.113.7", /sshSourceAddressPrefixes: "203\.0\.113\.7" was/],
    ["sshPublicKeys", ["AAAAC3Nz"], /sshPublicKeys\[0\]: "AAAAC3Nz" was given; an RSA or Ed25519/],
    ["sshPort", 0, /sshPort: 0 was given/],
    ["sshPort", 65536, /sshPort: 65536 was given/],
    ["vmAdminUsername", "root", /"root" was given;.*reserves that name/],
    ["vmAdminUsername", "Me", /"Me" was given/],
    ["vmSubnetId", "vm-subnet", /"vm-subnet" was given; a subnet's resource id: az network vnet/],
    ["vmSize", "B2s", /"B2s" was given; a VM size, like Standard_B2s_v2/],
    ["rhelMajorVersion", 7, /7 was given; the lab supports RHEL 8 and 9/],
    ["rhelMajorVersion", 10, /rhelMajorVersion: .*packages for RHEL 10 lack blobfuse2/],
    ["autoShutdownTime", "7pm", /"7pm" was given; a time of day as HHmm/],
    ["autoShutdownTime", "2400", /"2400" was given/],
    ["autoShutdownTimeZone", "", /autoShutdownTimeZone: "" was given/],
    ["packagesUrl", "http://packages.microsoft.com", /was given; an https URL/],
    ["postgresVersion", "12", /postgresVersion: "12" was given; one of 14, 15/],
    ["postgresVersion", "13", /"13" was given; Azure creates no more servers of version 13/],
    ["postgresSkuName", "B1ms", /"B1ms" was given; a size like Standard_B1ms/],
    ["postgresStorageSizeGb", 33, /33 was given; one of 32, 64,/],
    ["postgresNetworkAccess", "open", /"open" was given/],
    ["administratorLogin", "pg_admin", /"pg_admin" was given; a role name not starting with pg_/],
    ["administratorLogin", "azure_superuser", /Azure reserves that name/],
    ["databaseName", "postgres", /"postgres" was given;.*not a database of Azure or PostgreSQL/],
    ["databaseName", "azure_maintenance", /was given/],
    ["databaseName", "a".repeat(64), /up to 63/],
    ["extensions", ["pg trgm"], /extensions\[0\]: "pg trgm" was given/],
    ["sharedPreloadLibraries", ["pgaudit.so"], /sharedPreloadLibraries\[0\]: "pgaudit\.so" was/],
    ["serverParameters", { "pgaudit.log": "DLL" }, /no class "DLL"; Azure's classes are READ/],
    ["serverParameters", { work_mem: [1] }, /serverParameters\[work_mem\]/],
    ["logCategories", [], /logCategories: lacks PostgreSQLLogs/],
    ["logCategories", ["PostgreSQLFlexSessions"], /lacks PostgreSQLLogs, the category with the/],
    [
      "logCategories",
      ["postgresqllogs"],
      /no category "postgresqllogs"; Azure's are PostgreSQLLogs/,
    ],
    ["logCategories", ["audit", "PostgreSQLLogs"], /has groups and categories/],
    ["storageAuthentication", "password", /storageAuthentication: "password" was given/],
    ["storageSasDays", 0, /storageSasDays: 0 was given; whole days, 1 to 365/],
    ["storageSharedKeyAccess", "yes", /storageSharedKeyAccess: "yes" was given/],
    ["cacheSizeMb", 63, /cacheSizeMb: 63 was given/],
    ["mountV1Config", "yes", /mountV1Config: "yes" was given/],
  ])("%s may not be %j", (key, value, problem) =>
    expect(problems({ [key]: value })).toMatch(problem),
  );

  test("every missing key is named", () => {
    for (const key of Object.keys(rawConfig())) {
      expect(problems({ [key]: undefined })).toContain(`  - ${key}: is missing; `);
    }
  });

  test("all problems come in one message that ends with what to do", () => {
    const message = problems({
      sshSourceAddressPrefixes: ["0.0.0.0/0", "nowhere"],
      sshPort: 0,
      serverParameters: { "pgaudit.log": "DLL", "pgaudit.rows": true },
      storageSasDays: 0,
    });
    expect(message).toMatch(/^The configuration has 6 problems:/);
    expect(message.match(/^ {2}- /gm)).toHaveLength(6);
    expect(message).toMatch(
      /described in Pulumi\.yaml; set one with `pulumi config set KEY VALUE`\.$/,
    );
  });

  test.each([
    [{ locatoin: "westeurope" }, "locatoin: is not a key of the lab; did you mean location?"],
    [
      { PostgresVersion: "15" },
      "PostgresVersion: is not a key of the lab; did you mean postgresVersion?",
    ],
    [{ colour: 7 }, /colour: is not a key of the lab; its keys are location, .*mountV1Config.*\n/],
    [
      { storageServicePrincipal: { tenantID: "t", clientSecrt: "hush", hasClientSecret: false } },
      /\[tenantID\]: is not a key of this object; did you mean tenantId\?\n.*\[clientSecrt\]: .* clientSecret\?/,
    ],
  ])("the unknown keys of %j are refused", (changes, problem) => {
    expect(problems(changes)).toMatch(problem);
    expect(problems(changes)).not.toContain("hush");
    expect(problems({ ...changes, sshPort: 0 })).toMatch(problem);
  });

  test.each([
    ["key", true],
    ["sas", true],
    ["managedIdentity", false],
    ["userAssignedIdentity", false],
    ["servicePrincipal", false],
  ] as const)("with %s the account has to accept its keys: %s", (storageAuthentication, needed) => {
    const choices = { storageAuthentication, storageSharedKeyAccess: false };
    expect(needsSharedKey(choices)).toBe(needed);
    expect(needsSharedKey({ ...choices, storageSharedKeyAccess: true })).toBe(true);
  });

  test("a service principal needs all of its parts", () => {
    const storageAuthentication = "servicePrincipal";
    for (const part of Object.keys(principal)) {
      const storageServicePrincipal = { ...principal, [part]: part.startsWith("has") ? false : "" };
      expect(problems({ storageAuthentication, storageServicePrincipal })).toMatch(
        /needs tenantId, clientId, objectId and clientSecret.*\n.*config set --secret/,
      );
    }
    expect(problems({ storageAuthentication, storageServicePrincipal: principal })).toBe("");
  });

  test.each([
    [{}, /private server is in a network of the lab's own.*postgresNetworkAccess to public/],
    [{ postgresNetworkAccess: "public", vm: false }, /no VM to place in it.*config rm vmSubnetId/],
    [
      { postgresNetworkAccess: "public", storageNetworkAccess: "private" },
      /would add a private DNS zone to your network.*set storageNetworkAccess to trusted/,
    ],
  ])("a subnet for the VM doesn't go with %j", (changes, problem) => {
    const vmSubnetId =
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n/subnets/vm";
    expect(problems({ vmSubnetId, postgresNetworkAccess: "public" })).toBe("");
    expect(problems({ vmSubnetId, ...changes })).toMatch(/problem:\n {2}- vmSubnetId: /);
    expect(problems({ vmSubnetId, ...changes })).toMatch(problem);
  });

  test("the original workshop's v1 file needs the account key", () => {
    expect(problems({ mountV1Config: true })).toBe("");
    expect(problems({ mountV1Config: true, storageAuthentication: "managedIdentity" })).toMatch(
      /mountV1Config: true was given; .*needs storageAuthentication key/,
    );
  });

  test("values come out ready to use", () => {
    const config = validateConfig(
      rawConfig({
        packagesUrl: "https://packages.example.com//",
        serverParameters: { "pgaudit.log_relation": true, work_mem: 4096 },
      }),
    );
    expect(config.packagesUrl).toBe("https://packages.example.com");
    expect(config.serverParameters).toEqual({ "pgaudit.log_relation": "on", work_mem: "4096" });
  });
});
