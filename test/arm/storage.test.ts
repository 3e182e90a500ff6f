import {
  AnonymousCredential,
  BlobServiceClient,
  type ContainerClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { testCloud } from "./support/cloud";
import { type Answer } from "./support/http";

const API = "api-version=2024-01-01";
const CONTAINER = "insights-logs-postgresqllogs";

const cloud = testCloud();
const id = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/labaccount`;

const account = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };

/** Microsoft's client of the account, with the key or with a signature in the URL. */
function service(credential: StorageSharedKeyCredential | string): BlobServiceClient {
  const url = `https://127.0.0.1:${cloud.blobPort}/labaccount`;
  const trust: StoragePipelineOptions & { tlsOptions: { ca: string } } = {
    tlsOptions: { ca: cloud.ca },
  };
  return typeof credential === "string"
    ? new BlobServiceClient(`${url}?${credential}`, new AnonymousCredential(), trust)
    : new BlobServiceClient(url, credential, trust);
}

const action = async (name: string, body?: unknown): Promise<unknown> =>
  (await cloud.request("POST", `${id}/${name}?${API}`, body)).body;

async function withKey(): Promise<ContainerClient> {
  const { keys } = (await action("listKeys")) as { keys: { value: string }[] };
  const credential = new StorageSharedKeyCredential("labaccount", keys[0]?.value ?? "");
  return service(credential).getContainerClient(CONTAINER);
}

describe("a storage account", () => {
  test("is created with a blob endpoint, which ends with a slash as on Azure", async () => {
    expect((await cloud.put(`${id}?${API}`, account)).body).toMatchObject({ status: "Succeeded" });
    expect((await cloud.request("GET", `${id}?${API}`)).body).toMatchObject({
      properties: { primaryEndpoints: { blob: "https://labaccount.blob.core.windows.net/" } },
    });
  });

  test("keeps its keys after a second PUT", async () => {
    const keys = await action("listKeys");
    expect(keys).toMatchObject({ keys: [{ keyName: "key1" }, { keyName: "key2" }] });
    await cloud.put(`${id}?${API}`, account);
    expect(await action("listKeys")).toEqual(keys);
  });

  test.each([
    ["Not_A_Name", account, "AccountNameInvalid"],
    ["other", { ...account, sku: { name: "Cheap" } }, "InvalidRequestContent"],
    ["other", { ...account, properties: { encrypted: true } }, "InvalidRequestContent"],
  ])("%s %j is refused", async (name, body, code) => {
    const answer: Answer = await cloud.put(`${id.replace("labaccount", name)}?${API}`, body);
    expect(answer.body).toMatchObject({ error: { code } });
  });

  test("has a container that its key gives access to", async () => {
    const put = await cloud.put(`${id}/blobServices/default/containers/${CONTAINER}?${API}`, {});
    expect(put.status).toBe(201);
    const container = await withKey();
    await container.getAppendBlobClient("a/PT1H.json").create();
    await container.getAppendBlobClient("a/PT1H.json").appendBlock("line\n", 5);
    expect(await container.exists()).toBe(true);
  });

  test("returns a signature that allows to read and list the container, and nothing else", async () => {
    const { serviceSasToken } = (await action("listServiceSas", {
      canonicalizedResource: `/blob/labaccount/${CONTAINER}`,
      signedResource: "c",
      signedPermission: "rl",
      signedProtocol: "https",
      signedExpiry: "2099-01-01T00:00:00Z",
    })) as { serviceSasToken: string };
    const container = service(serviceSasToken).getContainerClient(CONTAINER);
    const blob = container.getAppendBlobClient("a/PT1H.json");
    expect((await blob.downloadToBuffer()).toString()).toBe("line\n");
    const names = [];
    for await (const { name } of container.listBlobsFlat()) names.push(name);
    expect(names).toEqual(["a/PT1H.json"]);
    await expect(blob.appendBlock("more\n", 5)).rejects.toMatchObject({ statusCode: 403 });
    await expect(blob.delete()).rejects.toMatchObject({ statusCode: 403 });
    await expect(service(serviceSasToken).getProperties()).rejects.toMatchObject({
      statusCode: 403,
    });
  });

  test("refuses a key, and signatures of that key, once the key has been regenerated", async () => {
    const old = await withKey();
    const { serviceSasToken } = (await action("listServiceSas", {
      canonicalizedResource: `/blob/labaccount/${CONTAINER}`,
      signedResource: "c",
      signedPermission: "rl",
      signedExpiry: "2099-01-01T00:00:00Z",
    })) as { serviceSasToken: string };
    await action("regenerateKey", { keyName: "key1" });
    const refused = { statusCode: 403, code: "AuthorizationFailure" };
    await expect(old.getProperties()).rejects.toMatchObject({ statusCode: 403 });
    const signed = service(serviceSasToken).getContainerClient(CONTAINER).listBlobsFlat();
    await expect(signed.next()).rejects.toMatchObject(refused);
    const blob = (await withKey()).getAppendBlobClient("a/PT1H.json");
    expect((await blob.downloadToBuffer()).toString()).toBe("line\n");
  });

  test("has a container that is gone, and back, as its clients see it", async () => {
    const containerId = `${id}/blobServices/default/containers/${CONTAINER}`;
    const names = async () => {
      const { body } = await cloud.request("GET", `${id}/blobServices/default/containers?${API}`);
      return (body as { value: { name: string }[] }).value.map(({ name }) => name);
    };
    const container = await withKey();
    await container.delete();
    expect(await cloud.request("GET", `${containerId}?${API}`)).toMatchObject({ status: 404 });
    expect(await names()).toEqual([]);
    // As Azure Monitor does.
    await container.create();
    expect(await cloud.request("GET", `${containerId}?${API}`)).toMatchObject({ status: 200 });
    await cloud.request("DELETE", `${containerId}?${API}`);
    await container.createIfNotExists();
    expect(await names()).toEqual([CONTAINER]);
    expect(await cloud.request("GET", `${containerId}?${API}`)).toMatchObject({
      status: 200,
      body: { id: containerId, name: CONTAINER, properties: { publicAccess: "None" } },
    });
  });

  test("returns the same signature for the same expiry, so that a second `up` changes nothing", async () => {
    const body = {
      canonicalizedResource: `/blob/labaccount/${CONTAINER}`,
      signedResource: "c",
      signedPermission: "rl",
      signedExpiry: "2099-01-01T00:00:00Z",
    };
    expect(await action("listServiceSas", body)).toEqual(await action("listServiceSas", body));
  });

  test("returns no signature for a body with an unknown property", async () => {
    const { status, body } = await cloud.request("POST", `${id}/listServiceSas?${API}`, {
      canonicalizedResource: `/blob/labaccount/${CONTAINER}`,
      signedResource: "c",
      signedPermission: "rl",
      signedExpiry: "2099-01-01T00:00:00Z",
      signedLength: 1,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: {
        code: "InvalidRequestContent",
        message: expect.stringContaining("signedLength") as unknown,
      },
    });
  });

  test("is deleted with its group", async () => {
    await cloud.deleteGroup();
    await cloud.createGroup();
    expect((await cloud.request("GET", `${id}?${API}`)).status).toBe(404);
  });
});
