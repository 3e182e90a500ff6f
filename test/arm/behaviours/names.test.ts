import { testCloud } from "../support/cloud";
import { GROUP, SERVER, serverBody } from "../support/flexible-server";
import { errorOf } from "../support/http";

const cloud = testCloud({ namesTakenElsewhere: ["logsofanother", "postgres-of-another"] });
const STORAGE_API = "api-version=2024-01-01";
const ACCOUNT = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };
const account = (name: string, group = cloud.group) =>
  `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
const OTHER = `${cloud.subscription}/resourceGroups/other`;
beforeAll(() => cloud.put(`${OTHER}?api-version=2024-03-01`, { location: "West Europe" }));

describe("a storage account's name", () => {
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
    await cloud.put(`${account("labaccount")}?${STORAGE_API}`, ACCOUNT);
    const again = () => cloud.put(`${account("labaccount", OTHER)}?${STORAGE_API}`, ACCOUNT);
    expect(errorOf(await again())).toMatchObject({
      status: 409,
      code: "StorageAccountInAnotherResourceGroup",
    });
    await cloud.request("DELETE", `${account("labaccount")}?${STORAGE_API}`);
    expect((await again()).body).toMatchObject({ status: "Succeeded" });
  });
});

describe("a flexible server's name", () => {
  const create = (name: string, group = GROUP) =>
    cloud.postgresql.servers.beginCreateOrUpdateAndWait(group, name, serverBody());
  const TAKEN = { statusCode: 409, code: "ServerNameAlreadyExists" };

  test("can't be used in another subscription or group", async () => {
    await expect(create("postgres-of-another")).rejects.toMatchObject(TAKEN);
    await create(SERVER);
    await expect(create(SERVER, "other")).rejects.toMatchObject(TAKEN);
  });

  test("can be used again five days after the server was deleted", async () => {
    await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER);
    await expect(create(SERVER)).rejects.toThrow(
      "ServerGroupDropping. Operations on a server group in dropping state are not allowed.",
    );
    cloud.passDays();
    expect(await create(SERVER)).toMatchObject({ state: "Ready" });
  });
});

test("a refused server isn't created, and no error contains its password", async () => {
  for (const [changes, code] of [
    [{ version: "16" }, "ParameterOutOfRange"],
    [{ administratorLoginPassword: "onlyletters1" }, "PasswordNotComplex"],
    [{ administratorLoginPassword: "My-PGadmin-1" }, "PasswordNotComplex"],
  ] as const) {
    const body = { ...serverBody(), ...changes };
    const refused = cloud.postgresql.servers.beginCreateOrUpdateAndWait(GROUP, "refused", body);
    const error = (await refused.catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code });
    expect(error.message).not.toContain(body.administratorLoginPassword);
  }
  await expect(cloud.postgresql.servers.get(GROUP, "refused")).rejects.toMatchObject({
    statusCode: 404,
  });
});

test("a resource group can be put again, with either form of its location", async () => {
  const { status } = await cloud.put(`${OTHER}?api-version=2024-03-01`, { location: "westeurope" });
  expect(status).toBe(200);
});
