import { StorageManagementClient } from "@azure/arm-storage";
import { type ContainerClient } from "@azure/storage-blob";
import execa from "execa";
import { PROJECT_ROOT } from "../../local/paths";
import { testCloud } from "./support/cloud";
import { clientEnvironment } from "./support/provider-process";
import { errorOf } from "./support/http";

const API = "api-version=2024-01-01";
const ACCOUNT = "labaccount";
const CONTAINER = "insights-logs-postgresqllogs";
const LINE = "line\n";

const cloud = testCloud();
const account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
const container = `${account}/blobServices/default/containers/${CONTAINER}`;
const policy = `${container}/immutabilityPolicies/default`;
const PLACE = ["PG-WORKSHOP", ACCOUNT, CONTAINER] as const;

const logs = (): ContainerClient =>
  cloud.parts.storage.client(ACCOUNT).getContainerClient(CONTAINER);
const azure = () => cloud.client(StorageManagementClient, "2024-01-01").blobContainers;
const remove = (id: string, api = API) => cloud.request("DELETE", `${id}?${api}`);
const passDays = async (days: number) =>
  (await cloud.request("POST", `/local-azure/pass-days/${days}`)).body;

async function append(blob: string): Promise<void> {
  const client = logs().getAppendBlobClient(blob);
  await client.createIfNotExists();
  await client.appendBlock(LINE, LINE.length);
}

/** A new account with the container. */
async function createAccount(): Promise<void> {
  const body = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };
  await cloud.put(`${account}?${API}`, body);
  await cloud.request("PUT", `${container}?${API}`, {});
}

async function setPolicy(days: number, allowProtectedAppendWrites = true) {
  const properties = { immutabilityPeriodSinceCreationInDays: days, allowProtectedAppendWrites };
  return cloud.request("PUT", `${policy}?${API}`, { properties });
}

const etag = async () => (await azure().getImmutabilityPolicy(...PLACE)).etag ?? "";
const IMMUTABLE = { statusCode: 409, code: "BlobImmutableDueToPolicy" };
const WRONG_ETAG = { statusCode: 412, code: "ContainerImmutabilityPolicyFailure" };
const WRONG_STATE = { statusCode: 409, code: "ContainerImmutabilityPolicyFailure" };

describe("an unlocked immutability policy", () => {
  beforeAll(async () => {
    await createAccount();
    await append("a");
    await setPolicy(5);
  });

  test("lets append blobs grow, and nothing else be changed", async () => {
    await append("a");
    await append("new");
    const blob = logs().getAppendBlobClient("a");
    expect((await blob.downloadToBuffer()).toString()).toBe(LINE + LINE);
    await expect(blob.delete()).rejects.toMatchObject(IMMUTABLE);
    await expect(blob.create()).rejects.toMatchObject(IMMUTABLE);
    await expect(blob.setMetadata({ a: "b" })).rejects.toMatchObject(IMMUTABLE);
    const block = logs().getBlockBlobClient("a");
    await expect(block.upload("", 0)).rejects.toMatchObject(IMMUTABLE);
    await expect(block.commitBlockList([])).rejects.toMatchObject(IMMUTABLE);
    await expect(logs().delete()).rejects.toMatchObject({ statusCode: 409 });
  });

  test("refuses the container's deletion while a blob is in it", async () => {
    expect(errorOf(await remove(container))).toMatchObject({ status: 409 });
  });

  test("lets a blob be deleted when its last append is old enough, and never overwritten", async () => {
    await passDays(4);
    await expect(logs().deleteBlob("a")).rejects.toMatchObject(IMMUTABLE);
    await passDays(1);
    await expect(logs().getAppendBlobClient("a").create()).rejects.toMatchObject(IMMUTABLE);
    await append("new");
    await logs().deleteBlob("a");
    await expect(logs().deleteBlob("new")).rejects.toMatchObject(IMMUTABLE);
  });

  test("holds after a restart of Azurite, and appends need its permission", async () => {
    await cloud.parts.storage.close();
    await cloud.parts.storage.start();
    await setPolicy(100, false);
    await expect(append("new")).rejects.toMatchObject(IMMUTABLE);
  });

  test("can be shortened, and deleted with its etag only", async () => {
    expect((await setPolicy(1)).status).toBe(200);
    const stale = await etag();
    await setPolicy(2);
    await expect(azure().deleteImmutabilityPolicy(...PLACE, stale)).rejects.toMatchObject(
      WRONG_ETAG,
    );
    expect(errorOf(await remove(policy))).toMatchObject({ status: 412 });
    await azure().deleteImmutabilityPolicy(...PLACE, await etag());
    const { body } = await cloud.request("GET", `${policy}?${API}`);
    expect(body).toMatchObject({ properties: { immutabilityPeriodSinceCreationInDays: 0 } });
    await logs().deleteBlob("new");
  });

  test("doesn't keep the account from being deleted", async () => {
    await append("b");
    await setPolicy(100);
    expect(await remove(account)).toMatchObject({ status: 200 });
    await createAccount();
    await append("b");
    await logs().deleteBlob("b");
  });
});

describe("a locked immutability policy", () => {
  beforeAll(async () => {
    await append("a");
    await setPolicy(3);
    await azure().lockImmutabilityPolicy(...PLACE, await etag());
  });

  test("can't be changed or deleted, by nobody", async () => {
    expect(errorOf(await setPolicy(1))).toMatchObject({ status: 409 });
    await expect(azure().deleteImmutabilityPolicy(...PLACE, await etag())).rejects.toMatchObject(
      WRONG_STATE,
    );
    expect(errorOf(await remove(account))).toMatchObject({
      status: 409,
      code: "AccountProtectedFromDeletion",
    });
  });

  test("can be extended five times", async () => {
    const extend = async (days: number) =>
      azure().extendImmutabilityPolicy(...PLACE, await etag(), {
        parameters: { immutabilityPeriodSinceCreationInDays: days },
      });
    await expect(extend(3)).rejects.toMatchObject(WRONG_STATE);
    for (const days of [4, 5, 6, 7, 8]) await extend(days);
    await expect(extend(9)).rejects.toMatchObject(WRONG_STATE);
    expect(await azure().getImmutabilityPolicy(...PLACE)).toMatchObject({
      state: "Locked",
      immutabilityPeriodSinceCreationInDays: 8,
    });
  });

  test("ends with the container, which can be deleted when its blobs are gone", async () => {
    await passDays(8);
    await logs().deleteBlob("a");
    expect(await remove(container)).toMatchObject({ status: 200 });
    expect(await remove(account)).toMatchObject({ status: 200 });
    await createAccount();
  });
});

describe("scripts/immutability-policy.ts", () => {
  const script = async (...args: string[]): Promise<string> => {
    const { all = "" } = await execa(
      "node",
      ["--import", "tsx", "scripts/immutability-policy.ts", ...args],
      { cwd: PROJECT_ROOT, env: clientEnvironment(cloud), reject: false, all: true },
    );
    return all;
  };
  const shown = async () => {
    const { etag: _etag, ...properties } = await azure().getImmutabilityPolicy(...PLACE);
    return properties;
  };

  test("sets, changes and removes an unlocked policy", async () => {
    expect(await script("apply", container, "9")).toBe(
      "Immutable for 9 days after the last append; not locked.",
    );
    await script("apply", container, "4");
    expect(await shown()).toMatchObject({
      immutabilityPeriodSinceCreationInDays: 4,
      allowProtectedAppendWrites: true,
      state: "Unlocked",
    });
    const before = await etag();
    await script("apply", container, "4");
    expect(await etag()).toBe(before);
    expect(await script("remove", container)).toBe("No log is immutable.");
    expect(await script("remove", container)).toBe("No log is immutable.");
    expect(await shown()).toMatchObject({ immutabilityPeriodSinceCreationInDays: 0 });
  });

  test("locks and extends, and says what a locked policy forbids", async () => {
    expect(await script("apply", container, "4", "locked")).toMatch(/ 4 days .*; locked\.$/);
    await script("apply", container, "5", "locked");
    expect(await shown()).toMatchObject({
      immutabilityPeriodSinceCreationInDays: 5,
      state: "Locked",
    });
    const forbidden = /^immutability-policy: the policy is locked for 5 days, and nobody can/;
    expect(await script("apply", container, "5")).toMatch(forbidden);
    expect(await script("apply", container, "4", "locked")).toMatch(forbidden);
    expect(await script("remove", container)).toMatch(forbidden);
    await remove(container);
    await cloud.request("PUT", `${container}?${API}`, {});
  });

  test("says that a container is missing", async () => {
    expect(await script("apply", `${container}s`, "4")).toMatch(/answered PUT .* with 404 /);
    expect(await script("remove", `${container}s`)).toBe("No log is immutable.");
  });
});

describe("a lifecycle policy", () => {
  const rule = (days: number) => ({
    name: "delete-old-logs",
    type: "Lifecycle",
    definition: {
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: days } } },
      filters: { blobTypes: ["appendBlob"] },
    },
  });
  const policies = `${account}/managementPolicies/default?${API}`;

  test("deletes append blobs that are old enough and not immutable", async () => {
    await append("old");
    await logs().getBlockBlobClient("block").upload("", 0);
    await cloud.request("PUT", policies, { properties: { policy: { rules: [rule(30)] } } });
    await setPolicy(40);
    expect(await passDays(29)).toEqual({ deleted: [] });
    expect(await passDays(10)).toEqual({ deleted: [] });
    expect(await passDays(1)).toEqual({ deleted: [`${CONTAINER}/old`] });
    expect(await logs().getBlobClient("old").exists()).toBe(false);
    expect(await logs().getBlobClient("block").exists()).toBe(true);
  });

  test("deletes nothing when it is gone, or asked without a sensible number", async () => {
    await append("kept");
    await cloud.request("DELETE", policies);
    expect(await passDays(1000)).toEqual({ deleted: [] });
    expect(errorOf(await cloud.request("POST", "/local-azure/pass-days/-1"))).toMatchObject({
      status: 400,
    });
  });
});

describe("a delete lock", () => {
  const LOCK_API = "api-version=2020-05-01";
  const lock = `${account}/providers/Microsoft.Authorization/locks/logs`;

  test("refuses the deletion of its scope, of what is in it, and of what contains it", async () => {
    const body = { properties: { level: "CanNotDelete" } };
    expect(await cloud.request("PUT", `${lock}?${LOCK_API}`, body)).toMatchObject({ status: 201 });
    const locked = { status: 409, code: "ScopeLocked" };
    expect(errorOf(await remove(account))).toMatchObject(locked);
    expect(errorOf(await remove(container))).toMatchObject(locked);
    expect(errorOf(await remove(cloud.group, "api-version=2024-03-01"))).toMatchObject(locked);
    await logs().deleteBlob("kept");
    expect(await remove(lock, LOCK_API)).toMatchObject({ status: 200 });
    expect(await remove(account)).toMatchObject({ status: 200 });
  });
});
