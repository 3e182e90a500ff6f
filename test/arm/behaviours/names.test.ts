import { testCloud } from "../support/cloud";
import { errorOf } from "../support/http";
import { machineBody } from "../support/machine";

const cloud = testCloud({ namesTakenElsewhere: ["logsofanother"] });
const STORAGE_API = "api-version=2024-01-01";
const ACCOUNT = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };
const account = (name: string, group = cloud.group) =>
  `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;

describe("a storage account's name", () => {
  test.each(["ab", "Upper", "with-hyphen", "abcdefghijklmnopqrstuvwxy"])(
    "can't be '%s'",
    async (name) => {
      const answer = await cloud.put(`${account(name)}?${STORAGE_API}`, ACCOUNT);
      expect(errorOf(answer)).toMatchObject({ status: 400, code: "AccountNameInvalid" });
    },
  );

  test("can't be used in another subscription", async () => {
    const answer = await cloud.put(`${account("logsofanother")}?${STORAGE_API}`, ACCOUNT);
    expect(errorOf(answer)).toEqual({
      status: 409,
      code: "StorageAccountAlreadyTaken",
      message: "The storage account named logsofanother is already taken.",
    });
    const check = await cloud.request(
      "POST",
      `${cloud.subscription}/providers/Microsoft.Storage/checkNameAvailability?${STORAGE_API}`,
      { name: "logsofanother" },
    );
    expect(check.body).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
  });

  test("can't be used in another group of the subscription, until the account is deleted", async () => {
    const other = `${cloud.subscription}/resourceGroups/other`;
    await cloud.put(`${other}?api-version=2024-03-01`, { location: "westeurope" });
    await cloud.put(`${account("labaccount")}?${STORAGE_API}`, ACCOUNT);
    const again = () => cloud.put(`${account("labaccount", other)}?${STORAGE_API}`, ACCOUNT);
    expect(errorOf(await again())).toMatchObject({
      status: 409,
      code: "StorageAccountInAnotherResourceGroup",
    });
    await cloud.request("DELETE", `${account("labaccount")}?${STORAGE_API}`);
    expect((await again()).body).toMatchObject({ status: "Succeeded" });
  });

  test("belongs to an account whose containers have a naming rule", async () => {
    const container = (name: string) =>
      cloud.put(
        `${account("labaccount", `${cloud.subscription}/resourceGroups/other`)}/blobServices/default/containers/${name}?${STORAGE_API}`,
        {},
      );
    for (const name of ["ab", "Upper", "two--hyphens", "-begin", "end-", "x".repeat(64)]) {
      expect(errorOf(await container(name))).toMatchObject({
        status: 400,
        code: "InvalidResourceName",
      });
    }
    for (const name of ["insights-logs-postgresqllogs", "a1b", "x".repeat(63)]) {
      expect((await container(name)).status).toBe(201);
    }
  });
});

test.each(["ends-with.", "has space", "x".repeat(91)])(
  "a resource group can't be named '%s'",
  async (name) => {
    const path = `${cloud.subscription}/resourceGroups/${encodeURIComponent(name)}`;
    const answer = await cloud.put(`${path}?api-version=2024-03-01`, { location: "westeurope" });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: "InvalidResourceGroup" });
  },
);

test("a resource group keeps its location, which must be one of Azure's", async () => {
  const path = `${cloud.group}?api-version=2024-03-01`;
  expect(errorOf(await cloud.put(path, { location: "northeurope" }))).toEqual({
    status: 409,
    code: "InvalidResourceGroupLocation",
    message:
      "Invalid resource group location 'northeurope'. The Resource group already exists in location 'westeurope'.",
  });
  expect((await cloud.put(path, { location: "West Europe" })).status).toBe(200);
  const nowhere = `${cloud.subscription}/resourceGroups/nowhere?api-version=2024-03-01`;
  expect(errorOf(await cloud.put(nowhere, { location: "atlantis" })).code).toBe(
    "LocationNotAvailableForResourceType",
  );
});

test.each(["-begin", "has space", ".dot", "end.", "x".repeat(81)])(
  "a network can't be named '%s'",
  async (name) => {
    const path = `${cloud.group}/providers/Microsoft.Network/virtualNetworks/${encodeURIComponent(name)}`;
    const answer = await cloud.put(`${path}?api-version=2024-05-01`, {
      location: "westeurope",
      properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
    });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: "InvalidResourceName" });
  },
);

describe("a virtual machine is refused", () => {
  const put = (name: string, adminUsername = "azureuser", vmSize?: string) =>
    cloud.put(
      `${cloud.group}/providers/Microsoft.Compute/virtualMachines/${encodeURIComponent(name)}?api-version=2024-11-01`,
      machineBody(`${cloud.group}/no-interface`, { osProfile: { adminUsername }, vmSize }),
    );

  test.each(["root", "admin", "Administrator", "test1", "has space"])(
    "with the administrator %s",
    async (adminUsername) => {
      expect(errorOf(await put("vm", adminUsername))).toEqual({
        status: 400,
        code: "InvalidParameter",
        message: "The Admin Username specified is not allowed.",
      });
    },
  );

  test.each(["end-", "_begin", "x".repeat(65)])("with the name '%s'", async (name) => {
    const error = errorOf(await put(name));
    expect(error).toMatchObject({ status: 400, code: "InvalidParameter" });
    expect(error.message).toContain(`The VM name '${name}'`);
  });

  test("with a size that doesn't have the form of Azure's", async () => {
    const error = errorOf(await put("vm", "azureuser", "huge"));
    expect(error).toMatchObject({ status: 400, code: "InvalidParameter" });
    expect(error.message).toContain("The value huge provided for the VM size is not valid.");
  });

  test.each(["Standard_B2s", "Standard_D2s_v5", "Standard_DS1_v2", "Standard_E4-2ds_v5"])(
    "with size %s only because of its missing interface",
    async (size) => {
      expect(errorOf(await put("vm", "azureuser", size)).code).toBe("InvalidResourceReference");
    },
  );
});
