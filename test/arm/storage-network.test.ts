import { testCloud } from "./support/cloud";
import { errorOf } from "./support/http";

const STORAGE_API = "api-version=2024-01-01";
const NETWORK_API = "api-version=2024-05-01";

const cloud = testCloud();
const account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/labaccount`;
const network = `${cloud.group}/providers/Microsoft.Network`;
const subnet = `${network}/virtualNetworks/lab/subnets/vm`;
const location = "westeurope";

const putAccount = (networkAcls: object) =>
  cloud.put(`${account}?${STORAGE_API}`, {
    location,
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    properties: { networkAcls: { defaultAction: "Deny", ...networkAcls } },
  });
const putSubnet = (serviceEndpoints: object[]) =>
  cloud.put(`${subnet}?${NETWORK_API}`, {
    properties: { addressPrefix: "10.0.0.0/24", serviceEndpoints },
  });

beforeAll(async () => {
  const properties = { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } };
  await cloud.put(`${network}/virtualNetworks/lab?${NETWORK_API}`, { location, properties });
  await putSubnet([]);
});

describe("an account's network rules", () => {
  test("name a subnet only if it has the service endpoint", async () => {
    const virtualNetworkRules = [{ id: subnet }];
    expect(errorOf(await putAccount({ virtualNetworkRules }))).toMatchObject({
      code: "NetworkAclsValidationFailure",
      message: expect.stringContaining("Subnets vm of virtual network") as unknown,
    });
    await putSubnet([{ service: "Microsoft.Storage.Global" }]);
    expect((await putAccount({ virtualNetworkRules })).body).toMatchObject({ status: "Succeeded" });
    await putSubnet([{ service: "Microsoft.Storage" }]);
    expect((await putAccount({ virtualNetworkRules })).status).toBe(200);
    expect((await cloud.request("GET", `${account}?${STORAGE_API}`)).body).toMatchObject({
      properties: {
        networkAcls: {
          bypass: "AzureServices",
          defaultAction: "Deny",
          virtualNetworkRules: [{ id: subnet, action: "Allow", state: "Succeeded" }],
        },
      },
    });
  });

  test.each(["10.0.0.1", "127.0.0.1", "192.168.0.0/16", "20.50.60.70/32", "20.50.60.0/31", "here"])(
    "can't have the address %s",
    async (value) => {
      expect(errorOf(await putAccount({ ipRules: [{ value }] }))).toMatchObject({
        code: "InvalidValuesForRequestParameters",
      });
    },
  );

  test.each(["20.50.60.70", "20.50.60.0/30"])("can have the address %s", async (value) => {
    expect((await putAccount({ ipRules: [{ value }] })).status).toBe(200);
  });
});

describe("a private endpoint", () => {
  const endpoint = `${network}/privateEndpoints/storage?${NETWORK_API}`;
  const body = (privateLinkServiceId: string) => ({
    location,
    properties: {
      subnet: { id: subnet },
      privateLinkServiceConnections: [
        { name: "blob", properties: { privateLinkServiceId, groupIds: ["blob"] } },
      ],
    },
  });

  test("needs an account that exists, and keeps its subnet from being deleted", async () => {
    expect(errorOf(await cloud.put(endpoint, body(`${account}s`)))).toMatchObject({
      code: "InvalidResourceReference",
    });
    expect((await cloud.put(endpoint, body(account))).body).toMatchObject({ status: "Succeeded" });
    const remove = () => cloud.request("DELETE", `${subnet}?${NETWORK_API}`);
    expect(errorOf(await remove())).toMatchObject({
      code: "InUseSubnetCannotBeDeleted",
      message: expect.stringContaining("/privateEndpoints/storage") as unknown,
    });
    await cloud.finish(await cloud.request("DELETE", endpoint));
    expect(await remove()).toMatchObject({ status: 200 });
  });
});
