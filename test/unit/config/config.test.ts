import * as pulumi from "@pulumi/pulumi";
import { readConfig } from "../../../config";
import { validateConfig } from "../../../config/schema";
import {
  declaredKeys,
  defaults,
  PROJECT_NAME,
  rawConfig,
  runtimeConfig,
  stackFile,
} from "../support/project-config";
import { ED25519_KEY } from "../support/ssh-keys";

const SERVER_ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/own";

/** A valid value of every key other than its default. */
const OTHERS: Record<string, unknown> = {
  location: "eastus2",
  resourceGroupName: "AUDIT",
  tags: { owner: "me" },
  vm: true,
  sshSourceAddressPrefixes: ["203.0.113.7/32"],
  sshPublicKeys: [`${ED25519_KEY} me@home`],
  sshPort: 2200,
  vmAdminUsername: "me",
  vmSubnetId:
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n/subnets/vm",
  vmSize: "Standard_D2s_v5",
  rhelMajorVersion: 9,
  autoShutdownTime: "2330",
  autoShutdownTimeZone: "Pacific Standard Time",
  packagesUrl: "https://packages.example.com",
  postgresVersion: "16",
  postgresSkuName: "Standard_D2ds_v5",
  postgresStorageSizeGb: 64,
  postgresNetworkAccess: "public",
  administratorLogin: "dba",
  databaseName: "audit",
  extensions: ["PG_TRGM"],
  sharedPreloadLibraries: ["pg_prewarm"],
  serverParameters: { "pgaudit.log": "DDL" },
  logCategories: ["PostgreSQLLogs", "PostgreSQLFlexSessions"],
  postgres: { existingServerId: SERVER_ID, databases: ["orders"], administratorPassword: "hush" },
  allowRestart: true,
  logAnalytics: true,
  eventHub: true,
  audit: {
    objects: [{ relations: ["sales.*"], privileges: ["SELECT"], roles: ["app"] }],
    roles: { app: { "pgaudit.log": "DDL" } },
    databases: {},
    revision: "2",
  },
  attendees: ["alice"],
  microsoftEntra: { tenantId: "11111111-1111-4111-8111-111111111111", administrators: [] },
  storageAuthentication: "servicePrincipal",
  storageSharedKeyAccess: true,
  storageSasDays: 7,
  storageServicePrincipal: { tenantId: "t", clientId: "c", objectId: "o", clientSecret: "hush" },
  storageNetworkAccess: "trusted",
  retention: { days: 30 },
  cacheSizeMb: 512,
  mountV1Config: true,
};

async function read(values: Record<string, unknown>) {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource }, PROJECT_NAME, "dev");
  pulumi.runtime.setAllConfig(runtimeConfig(values), [
    `${PROJECT_NAME}:storageServicePrincipal`,
    `${PROJECT_NAME}:postgres`,
  ]);
  return readConfig();
}
const newResource = () => ({ id: "", state: {} });

describe("Pulumi.yaml and the program", () => {
  const keys = declaredKeys();

  test.each(Object.entries(keys))("%s has type, default and description", (_, key) => {
    expect(key.type).toMatch(/^(string|integer|boolean|array|object)$/);
    expect(key.default).toBeDefined();
    expect(key.description).toMatch(/^\S.*\.$/);
    const types = { string: "string", integer: "number", boolean: "boolean" } as const;
    const type = types[key.type as keyof typeof types] ?? "object";
    expect(typeof key.default).toBe(type);
    expect(Array.isArray(key.default)).toBe(key.type === "array");
  });

  test("the program validates exactly the declared keys", () => {
    expect(Object.keys(validateConfig(rawConfig())).sort()).toEqual(Object.keys(keys).sort());
  });

  test("every key's value reaches the program", async () => {
    expect(Object.keys(OTHERS).sort()).toEqual(Object.keys(keys).sort());
    // The v1 file needs an account key, and the subnet a VM, so these are tested separately.
    const { mountV1Config, ...others } = OTHERS;
    expect(await read({ ...defaults(), ...others })).toMatchObject({
      ...others,
      storageServicePrincipal: { tenantId: "t", clientId: "c", objectId: "o" },
      postgres: { existingServerId: SERVER_ID, databases: ["orders"] },
    });
    const { sshSourceAddressPrefixes } = OTHERS;
    const v1 = await read({ ...defaults(), sshSourceAddressPrefixes, mountV1Config });
    expect(v1.mountV1Config).toBe(true);
    expect((await read({ ...defaults(), ...others, vmSubnetId: "", vm: false })).vm).toBe(false);
  });

  test("an unknown key of the lab is refused, together with the other problems", async () => {
    const wrong = {
      ...defaults(),
      ...OTHERS,
      mountV1Config: false,
      locatoin: "eastus",
      sshPort: 0,
    };
    const message = await read(wrong).catch((error: Error) => error.message);
    expect(message).toMatch(/has 2 problems/);
    expect(message).toMatch(/locatoin: is not a key of the lab; did you mean location\?/);
  });

  test("keys of other namespaces are ignored", async () => {
    await read({ ...defaults(), ...OTHERS, mountV1Config: false });
    pulumi.runtime.setConfig("azure-native:locatoin", "eastus");
    pulumi.runtime.setConfig("pulumi:tags", "{}");
    expect(readConfig().location).toBe("eastus2");
  });

  test("the client secret is a secret output and is nowhere else", async () => {
    const config = await read({ ...defaults(), ...OTHERS, mountV1Config: false });
    const { storageClientSecret, existingAdministratorPassword, ...visible } = config;
    for (const secret of [storageClientSecret, existingAdministratorPassword]) {
      expect(await pulumi.isSecret(secret)).toBe(true);
    }
    expect(JSON.stringify(visible)).not.toContain("hush");
  });

  test("a message about a wrong configuration doesn't contain the client secret", async () => {
    const storageServicePrincipal = { tenantId: 5, clientId: "c", clientSecret: "hush" };
    const wrong = { ...defaults(), ...OTHERS, sshPort: 0, storageServicePrincipal };
    const message = await read(wrong).catch((error: Error) => error.message);
    expect(message).toMatch(/sshPort: 0 was given/);
    expect(message).toMatch(/storageServicePrincipal/);
    expect(message).not.toContain("hush");
  });

  test("the dev stack lacks only the address to sign in from, the local stack nothing", async () => {
    await expect(read({ ...defaults(), ...stackFile("dev") })).rejects.toThrow(
      /has a problem:\n {2}- sshSourceAddressPrefixes: nobody could sign in/,
    );
    const local = await read({ ...defaults(), ...stackFile("local") });
    expect(local).toMatchObject({ sshPort: 2222, cacheSizeMb: 256 });
  });
});

test("azure-native's own sign-in is a problem among the others: the scripts wouldn't follow it", async () => {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource }, PROJECT_NAME, "dev");
  pulumi.runtime.setAllConfig({
    ...runtimeConfig({ ...defaults(), sshPort: 0 }),
    "azure-native:tenantId": "other-tenant",
    "azure-native:location": "westeurope",
  });
  expect(readConfig).toThrow(/has 3 problems:[^]*azure-native:tenantId: .*variable ARM_TENANT_ID/);
});
