import type { StorageManagementClient } from "@azure/arm-storage";
import { all, GROUP, LOCATION, restError, storageClient } from "../support/clients";
import { testCloud } from "../support/cloud";

const ACCOUNT = "clientsaccount";
const account = { location: LOCATION, kind: "StorageV2", sku: { name: "Standard_LRS" } };

const cloud = testCloud();
let client: StorageManagementClient;
beforeAll(async () => {
  client = storageClient(cloud);
});

describe("storage accounts", () => {
  test("are created by a long-running operation, and read", async () => {
    const created = await client.storageAccounts.beginCreateAndWait(GROUP, ACCOUNT, account);
    expect(created).toMatchObject({
      name: ACCOUNT,
      kind: "StorageV2",
      sku: { name: "Standard_LRS", tier: "Standard" },
      provisioningState: "Succeeded",
    });
    expect(await client.storageAccounts.getProperties(GROUP, ACCOUNT)).toEqual(created);
  });

  test("are changed by PATCH, and keep all else", async () => {
    const update = (parameters: Parameters<typeof client.storageAccounts.update>[2]) =>
      client.storageAccounts.update(GROUP, ACCOUNT, parameters);
    await update({ minimumTlsVersion: "TLS1_2", tags: { owner: "me" } });
    expect(await update({ accessTier: "Cool" })).toMatchObject({
      accessTier: "Cool",
      minimumTlsVersion: "TLS1_2",
      tags: { owner: "me" },
      location: LOCATION,
    });
    await expect(update({ encryption: { keySource: "Microsoft.Storage" } })).rejects.toEqual(
      restError(400, "InvalidRequestContent", /Unrecognized key: "encryption"/),
    );
    await expect(client.storageAccounts.update(GROUP, "nowhere", {})).rejects.toEqual(
      restError(404, "ResourceNotFound", /storageAccounts\/nowhere/),
    );
  });

  test("are listed by group and by subscription", async () => {
    const byGroup = await all(client.storageAccounts.listByResourceGroup(GROUP));
    expect(byGroup).toMatchObject([{ name: ACCOUNT }]);
    expect(await all(client.storageAccounts.list())).toEqual(byGroup);
  });

  test("return their keys, and signatures for a container", async () => {
    const { keys = [] } = await client.storageAccounts.listKeys(GROUP, ACCOUNT);
    expect(keys.map(({ keyName }) => keyName)).toEqual(["key1", "key2"]);
    const { serviceSasToken } = await client.storageAccounts.listServiceSAS(GROUP, ACCOUNT, {
      canonicalizedResource: `/blob/${ACCOUNT}/logs`,
      resource: "c",
      permissions: "rl",
      protocols: "https",
      sharedAccessExpiryTime: new Date("2099-01-01T00:00:00Z"),
    });
    expect(serviceSasToken).toMatch(/(^|&)sp=rl(&|$)/);
    await expect(client.storageAccounts.listKeys(GROUP, "nowhere")).rejects.toEqual(
      restError(404, "ResourceNotFound"),
    );
  });

  test("get another key, while the other one and their number stay", async () => {
    const keysOf = async () => (await client.storageAccounts.listKeys(GROUP, ACCOUNT)).keys ?? [];
    const before = await keysOf();
    const { keys = [] } = await client.storageAccounts.regenerateKey(GROUP, ACCOUNT, {
      keyName: "key1",
    });
    expect(keys).toEqual(await keysOf());
    expect(keys).toMatchObject([{ keyName: "key1", permissions: "FULL" }, before[1]]);
    expect(keys[0]?.value).not.toBe(before[0]?.value);
    expect(keys[0]?.value).toHaveLength(88);
    await client.storageAccounts.regenerateKey(GROUP, ACCOUNT, { keyName: "key2" });
    expect((await keysOf())[0]).toEqual(keys[0]);
    expect((await keysOf())[1]?.value).not.toBe(before[1]?.value);
    await expect(
      client.storageAccounts.regenerateKey(GROUP, ACCOUNT, { keyName: "kerb1" }),
    ).rejects.toEqual(restError(400, "InvalidValuesForRequestParameters", /keyName/));
  });

  test("have names that are free, taken or invalid", async () => {
    const check = (name: string) =>
      client.storageAccounts.checkNameAvailability({
        name,
        type: "Microsoft.Storage/storageAccounts",
      });
    expect(await check("anotheraccount")).toMatchObject({ nameAvailable: true });
    expect(await check(ACCOUNT)).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    expect(await check("Not_A_Name")).toMatchObject({
      nameAvailable: false,
      reason: "AccountNameInvalid",
      message: expect.stringMatching(/between 3 and 24 characters/) as unknown,
    });
  });
});

describe("containers", () => {
  test("are created, changed, and listed page by page", async () => {
    for (const name of ["first", "second", "third"]) {
      await client.blobContainers.create(GROUP, ACCOUNT, name, {});
    }
    await client.blobContainers.update(GROUP, ACCOUNT, "first", { metadata: { owner: "me" } });
    expect(await client.blobContainers.get(GROUP, ACCOUNT, "first")).toMatchObject({
      publicAccess: "None",
      metadata: { owner: "me" },
    });
    const pages = client.blobContainers.list(GROUP, ACCOUNT, { maxpagesize: "2" }).byPage();
    const found = [];
    for await (const page of pages) found.push(page.map(({ name }) => name));
    expect(found).toEqual([["first", "second"], ["third"]]);
  });

  test("are deleted, and need an account", async () => {
    await client.blobContainers.delete(GROUP, ACCOUNT, "first");
    await expect(client.blobContainers.get(GROUP, ACCOUNT, "first")).rejects.toEqual(
      restError(404, "ResourceNotFound", /containers\/first/),
    );
    await expect(client.blobContainers.create(GROUP, "nowhere", "first", {})).rejects.toEqual(
      restError(404, "ParentResourceNotFound", /storageAccounts\/nowhere/),
    );
  });
});

test("an account is deleted, twice without an error", async () => {
  await client.storageAccounts.delete(GROUP, ACCOUNT);
  await client.storageAccounts.delete(GROUP, ACCOUNT);
  expect(await all(client.storageAccounts.list())).toEqual([]);
});
