import { testCloud } from "../support/cloud";
import { PASSWORD, SERVER } from "../support/flexible-server";
import { errorOf } from "../support/http";

const API = "api-version=2025-08-01";
const NETWORK_API = "api-version=2024-05-01";

const cloud = testCloud({ namesTakenElsewhere: ["postgres-of-another"] });

interface Body {
  readonly name?: string;
  readonly location?: string;
  readonly sku?: object;
  readonly properties?: object;
}

const put = ({ name = SERVER, properties, ...top }: Body) =>
  cloud.request(
    "PUT",
    `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}?${API}`,
    {
      location: "westeurope",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      ...top,
      properties: {
        version: "15",
        administratorLogin: "pgadmin",
        administratorLoginPassword: PASSWORD,
        ...properties,
      },
    },
  );

const INVALID = "InvalidParameterValue";

describe("a flexible server is refused", () => {
  test.each<[string, Body, number, string, RegExp]>([
    ["with a name that is too short", { name: "ab" }, 400, "InvalidServerName", /3 to 63/],
    ["with a name that ends with a hyphen", { name: "lab-" }, 400, "InvalidServerName", /hyphen/],
    ["with a reserved name", { name: "microsoft" }, 400, "ReservedResourceName", /'microsoft'/],
    [
      "with a name in another subscription",
      { name: "postgres-of-another" },
      409,
      "ServerNameAlreadyExists",
      /'postgres-of-another' is already used/,
    ],
    [
      "in an unknown region",
      { location: "atlantis" },
      400,
      "LocationNotAvailableForResourceType",
      /'atlantis'.*westeurope/,
    ],
    [
      "with a size of another tier",
      { sku: { name: "Standard_D2ds_v5", tier: "Burstable" } },
      400,
      INVALID,
      /SkuName.*'Standard_D2ds_v5' is not a size of the tier Burstable: Standard_B1ms,/,
    ],
    [
      "with a size that Azure doesn't have",
      { sku: { name: "Standard_D3ds_v5", tier: "GeneralPurpose" } },
      400,
      INVALID,
      /SkuName/,
    ],
    [
      "with a version that doesn't exist",
      { properties: { version: "9" } },
      400,
      INVALID,
      /Version/,
    ],
    [
      "with a version that local Azure doesn't have",
      { properties: { version: "16" } },
      400,
      "ParameterOutOfRange",
      /'16'/,
    ],
    [
      "with a storage size that Azure doesn't have",
      { properties: { storage: { storageSizeGB: 100 } } },
      400,
      INVALID,
      /Invalid value given for parameter StorageSizeGB.*100 is not one of 32, 64, 128,/,
    ],
    ...["azure_superuser", "azuresu", "admin", "Administrator", "root", "guest", "public"].map(
      (administratorLogin): [string, Body, number, string, RegExp] => [
        `with the administrator ${administratorLogin}`,
        { properties: { administratorLogin } },
        400,
        INVALID,
        /AdministratorLogin.*is reserved/,
      ],
    ),
    [
      "with an administrator name that PostgreSQL reserves",
      { properties: { administratorLogin: "pg_me" } },
      400,
      INVALID,
      /begins with pg_/,
    ],
    [
      "with a password of two character classes",
      { properties: { administratorLoginPassword: "onlyletters1" } },
      400,
      "PasswordNotComplex",
      /three of the classes/,
    ],
    [
      "with a password that contains the login",
      { properties: { administratorLoginPassword: "My-PGadmin-1" } },
      400,
      "PasswordNotComplex",
      /contain the administrator's login/,
    ],
    [
      "without a password",
      { properties: { administratorLoginPassword: undefined } },
      400,
      "MissingRequiredParameter",
      /administratorLoginPassword/,
    ],
  ])("%s", async (_, body, status, code, message) => {
    const error = errorOf(await put(body));
    expect(error).toMatchObject({ status, code });
    expect(error.message).toMatch(message);
    const { administratorLoginPassword: password } = (body.properties ?? {}) as {
      administratorLoginPassword?: string;
    };
    if (password !== undefined) expect(error.message).not.toContain(password);
  });

  test("and isn't created", async () => {
    const { body } = await cloud.request(
      "GET",
      `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers?${API}`,
    );
    expect(body).toEqual({ value: [] });
  });
});

describe("a server in a network is refused", () => {
  const network = () => `${cloud.group}/providers/Microsoft.Network`;
  const subnet = (name: string) => `${network()}/virtualNetworks/net/subnets/${name}`;
  const zone = (name: string) => `${network()}/privateDnsZones/${name}`;
  const DELEGATION = {
    name: "postgres",
    properties: { serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" },
  };
  beforeAll(async () => {
    await cloud.put(`${network()}/virtualNetworks/net?${NETWORK_API}`, {
      location: "westeurope",
      properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
    });
    await cloud.put(`${subnet("plain")}?${NETWORK_API}`, {
      properties: { addressPrefix: "10.0.0.0/24" },
    });
    await cloud.put(`${subnet("postgres")}?${NETWORK_API}`, {
      properties: { addressPrefix: "10.0.1.0/24", delegations: [DELEGATION] },
    });
    const own = `${SERVER}.postgres.database.azure.com`;
    for (const name of ["lab.private.postgres.database.azure.com", "lab.example.com", own]) {
      await cloud.put(`${zone(name)}?api-version=2024-06-01`, { location: "global" });
    }
  });

  const inside = (subnetName?: string, zoneName?: string, more: object = {}): Body => ({
    properties: {
      network: {
        ...(subnetName && { delegatedSubnetResourceId: subnet(subnetName) }),
        ...(zoneName && { privateDnsZoneArmResourceId: zone(zoneName) }),
        ...more,
      },
    },
  });

  const CONFLICT = "ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration";
  const ZONE = "lab.private.postgres.database.azure.com";

  test.each<[string, () => Body, string, RegExp]>([
    [
      "with public access",
      () => inside("postgres", ZONE, { publicNetworkAccess: "Enabled" }),
      CONFLICT,
      /not supported along with Virtual Network/,
    ],
    [
      "with a zone but no subnet",
      () => inside(undefined, ZONE),
      CONFLICT,
      /Conflicting configuration/,
    ],
    [
      "without a zone",
      () => inside("postgres"),
      "MissingRequiredParameter",
      /privateDnsZoneArmResourceId/,
    ],
    [
      "whose subnet doesn't exist",
      () => inside("nowhere", ZONE),
      "InvalidResourceReference",
      /nowhere/,
    ],
    [
      "whose subnet isn't delegated",
      () => inside("plain", ZONE),
      "SubnetMissingRequiredDelegation",
      /requires any of the following delegation\(s\) \[Microsoft.DBforPostgreSQL\/flexibleServers\]/,
    ],
    [
      "whose zone isn't one of PostgreSQL's",
      () => inside("postgres", "lab.example.com"),
      "InvalidPrivateDnsZoneName",
      /must end with '\.postgres\.database\.azure\.com'/,
    ],
  ])("%s", async (_, body, code, message) => {
    const error = errorOf(await put(body()));
    expect(error).toMatchObject({ status: 400, code });
    expect(error.message).toMatch(message);
  });

  test("during its creation, if the zone has its name", async () => {
    const answer = await put(inside("postgres", `${SERVER}.postgres.database.azure.com`));
    expect(answer.status).toBe(202);
    expect((await cloud.finish(answer)).body).toMatchObject({
      status: "Failed",
      error: { code: "PrivateDnsZoneNameNotValid" },
    });
  });

  test("after its creation, if it changes its network or administrator; and its subnet can't be deleted", async () => {
    expect((await cloud.finish(await put(inside("postgres", ZONE)))).body).toMatchObject({
      status: "Succeeded",
    });
    const server = `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}`;
    const { body } = await cloud.request("GET", `${server}?${API}`);
    expect(body).toMatchObject({ properties: { network: { publicNetworkAccess: "Disabled" } } });

    const rule = { properties: { startIpAddress: "192.0.2.1", endIpAddress: "192.0.2.1" } };
    const refused = await cloud.request("PUT", `${server}/firewallRules/vm?${API}`, rule);
    expect(errorOf(refused)).toMatchObject({
      status: 400,
      message: expect.stringContaining("has no firewall") as unknown,
    });
    for (const [changes, message] of [
      [{ network: { publicNetworkAccess: "Enabled" } }, /is in .*\/subnets\/postgres; that can't/],
      [{ administratorLogin: "dba" }, /It is 'pgadmin'/],
    ] as const) {
      const error = errorOf(await put({ properties: changes }));
      expect(error).toMatchObject({ status: 400, code: INVALID });
      expect(error.message).toMatch(message);
    }
    for (const path of [subnet("postgres"), `${network()}/virtualNetworks/net`]) {
      const error = errorOf(await cloud.request("DELETE", `${path}?${NETWORK_API}`));
      expect(error).toMatchObject({ status: 400, code: "InUseSubnetCannotBeDeleted" });
      expect(error.message).toContain(`${subnet("postgres")}/serviceAssociationLinks/`);
    }
  });

  test("after its creation, with less storage or another region", async () => {
    const sized = (storageSizeGB: number) => put({ properties: { storage: { storageSizeGB } } });
    const { body } = await cloud.finish(await sized(128));
    expect(body).toMatchObject({ status: "Succeeded" });
    expect(errorOf(await sized(64)).message).toMatch(/64 is less than the 128/);
    expect(errorOf(await put({ location: "northeurope" }))).toMatchObject({
      status: 409,
      code: "InvalidResourceLocation",
    });
    expect((await cloud.finish(await put({ location: "West Europe" }))).status).toBe(200);
  });

  test("in another group, with the name of an existing server", async () => {
    const other = `${cloud.subscription}/resourceGroups/other`;
    await cloud.put(`${other}?api-version=2024-03-01`, { location: "westeurope" });
    const path = `${other}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}?${API}`;
    const answer = await cloud.request("PUT", path, {
      location: "westeurope",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      properties: {
        version: "15",
        administratorLogin: "pgadmin",
        administratorLoginPassword: PASSWORD,
      },
    });
    expect(errorOf(answer)).toMatchObject({ status: 409, code: "ServerNameAlreadyExists" });
  });

  test("leaves its subnet in use until the network is no longer linked to the zone", async () => {
    const server = `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}`;
    const link = `${zone(ZONE)}/virtualNetworkLinks/link?api-version=2024-06-01`;
    await cloud.put(link, {
      location: "global",
      properties: {
        virtualNetwork: { id: `${network()}/virtualNetworks/net` },
        registrationEnabled: false,
      },
    });
    await cloud.finish(await cloud.request("DELETE", `${server}?${API}`));
    const removeSubnet = () => cloud.request("DELETE", `${subnet("postgres")}?${NETWORK_API}`);
    const error = errorOf(await removeSubnet());
    expect(error).toMatchObject({ status: 400, code: "InUseSubnetCannotBeDeleted" });
    expect(error.message).toContain("serviceAssociationLinks/postgres-service-association-link");
    await cloud.request("DELETE", link);
    expect((await removeSubnet()).status).toBe(200);
  });
});

test("for five days, a server with a deleted one's name is accepted, and its creation fails", async () => {
  const name = "deleted-server";
  const server = `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
  expect((await cloud.finish(await put({ name }))).body).toMatchObject({ status: "Succeeded" });
  await cloud.finish(await cloud.request("DELETE", `${server}?${API}`));
  const answer = await put({ name });
  expect(answer.status).toBe(202);
  expect((await cloud.finish(answer)).body).toMatchObject({
    status: "Failed",
    error: {
      code: "ServerGroupDropping",
      message: "Operations on a server group in dropping state are not allowed.",
    },
  });
  cloud.passDays();
  expect((await cloud.finish(await put({ name }))).body).toMatchObject({ status: "Succeeded" });
  await cloud.finish(await cloud.request("DELETE", `${server}?${API}`));
});

test("the start of a firewall rule's range can't be greater than its end", async () => {
  const name = "server-with-rules";
  const server = `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
  await cloud.finish(await put({ name }));
  const range = (startIpAddress: string, endIpAddress: string) =>
    cloud.put(`${server}/firewallRules/range?${API}`, {
      properties: { startIpAddress, endIpAddress },
    });
  expect(errorOf(await range("192.0.2.9", "192.0.2.10")).code).toBeUndefined();
  expect(errorOf(await range("192.0.2.10", "192.0.2.9"))).toMatchObject({
    status: 400,
    code: INVALID,
  });
});
