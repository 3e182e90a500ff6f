import { StorageSharedKeyCredential } from "@azure/storage-blob";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { TokenAuthority } from "../../local/tokens/token-authority";
import { testCloud } from "./support/cloud";
import { call } from "./support/http";
import {
  ACCOUNT,
  CONTAINER,
  MISMATCH,
  STORAGE,
  STORAGE_API,
  StorageReaders,
} from "./support/storage-readers";

const cloud = testCloud();
const readers = new StorageReaders(cloud);
beforeAll(() => readers.create(), 60_000);

describe("a token for Azure Storage", () => {
  it("reads with the role Storage Blob Data Reader only, and writes nothing", async () => {
    const principal = crypto.randomUUID();
    const token = readers.tokenOf(principal);
    await expect(readers.list(token)).rejects.toMatchObject(MISMATCH);
    const name = await readers.assign(principal);
    expect(await readers.list(token)).toEqual(["a"]);
    await expect(readers.container(token).getAppendBlobClient("b").create()).rejects.toMatchObject(
      MISMATCH,
    );
    await expect(readers.container(token).delete()).rejects.toMatchObject(MISMATCH);
    await cloud.finish(await cloud.request("DELETE", readers.assignment(name)));
    await expect(readers.list(token)).rejects.toMatchObject(MISMATCH);
  });

  it("reads one container with a role for that container", async () => {
    const principal = crypto.randomUUID();
    await readers.assign(
      principal,
      `${readers.account}/blobServices/default/containers/${CONTAINER}`,
    );
    expect(await readers.list(readers.tokenOf(principal))).toEqual(["a"]);
    await expect(readers.list(readers.tokenOf(principal), "others")).rejects.toMatchObject(
      MISMATCH,
    );
  });

  it("counts a role of the whole subscription, and none that is for the Resource Manager only", async () => {
    const reader = crypto.randomUUID();
    await readers.assign(reader, cloud.subscription);
    expect(await readers.list(readers.tokenOf(reader))).toEqual(["a"]);
    const contributor = crypto.randomUUID();
    await readers.assign(contributor, cloud.subscription, "b24988ac-6180-42a0-ab88-20f7382dd24c");
    await expect(readers.list(readers.tokenOf(contributor))).rejects.toMatchObject(MISMATCH);
  });

  it("is refused with another signature or audience", async () => {
    const principal = crypto.randomUUID();
    await readers.assign(principal);
    const other = new TokenAuthority({ secrets: fs.mkdtempSync(`${cloud.paths.root}/other-`) });
    const refused = { statusCode: 403, code: "AuthenticationFailed" };
    await expect(readers.list(readers.tokenOf(principal, other))).rejects.toMatchObject(refused);
    const wrongAudience = readers.tokenOf(principal, cloud.tokens, cloud.url);
    await expect(readers.list(wrongAudience)).rejects.toMatchObject(refused);
  });

  it("comes from the token endpoint for an application with a role", async () => {
    const client_id = crypto.randomUUID();
    await readers.assign(client_id);
    const { body } = await cloud.requestToken({ client_id, scope: `${STORAGE}/.default` });
    expect(await readers.list((body as { access_token: string }).access_token)).toEqual(["a"]);
  });

  it("isn't one for the Resource Manager", async () => {
    const { body } = await cloud.requestToken({ scope: `${STORAGE}/.default` });
    const { access_token } = body as { access_token: string };
    const headers = { Authorization: `Bearer ${access_token}` };
    const group = `${cloud.url}${cloud.group}?api-version=2024-03-01`;
    expect((await call(group, { headers, ca: cloud.ca })).status).toBe(401);
  });
});

test("a signature that has ended is refused as one, and not as a wrong one", async () => {
  const signature = cloud.parts.storage.containerSignature(ACCOUNT, {
    ...{ container: CONTAINER, permissions: "rl" },
    expiry: new Date(Date.now() - 1000),
  });
  const signed = readers.container(undefined, { query: `?${signature}` });
  await expect(signed.listBlobsFlat().next()).rejects.toMatchObject({
    ...{ statusCode: 403, code: "AuthenticationFailed" },
    details: {
      authenticationErrorDetail: expect.stringMatching(
        /^Signature not valid in the specified time frame: Expiry/,
      ) as unknown,
    },
  });
});

describe("an account without shared key access", () => {
  beforeAll(() => readers.putAccount(false));
  afterAll(() => readers.putAccount(true));

  const keyClient = async () => {
    const { body } = await cloud.request("POST", `${readers.account}/listKeys?${STORAGE_API}`);
    const [{ value }] = (body as { keys: [{ value: string }] }).keys;
    const credential = new StorageSharedKeyCredential(ACCOUNT, value);
    return readers.container(credential);
  };
  const refused = { statusCode: 403, code: "KeyBasedAuthenticationNotPermitted" };

  it("refuses keys and signatures made with them, until it is allowed again", async () => {
    const client = await keyClient();
    await expect(client.listBlobsFlat().next()).rejects.toMatchObject(refused);
    const signature = cloud.parts.storage.containerSignature(ACCOUNT, {
      ...{ container: CONTAINER, permissions: "rl" },
      expiry: new Date(Date.now() + 600_000),
    });
    const signed = readers.container(undefined, { query: `?${signature}` });
    await expect(signed.listBlobsFlat().next()).rejects.toMatchObject(refused);
    await readers.putAccount(true);
    expect((await client.listBlobsFlat().next()).value).toMatchObject({ name: "a" });
    await readers.putAccount(false);
  });

  it("still takes what Azure Monitor delivers, and the owner reads it", async () => {
    const service = cloud.parts.storage.client(ACCOUNT).getContainerClient(CONTAINER);
    await service.getAppendBlobClient("a").appendBlock("line\n", 5);
    const { body } = await cloud.requestToken({ scope: `${STORAGE}/.default` });
    const { access_token } = body as { access_token: string };
    const blob = readers.container(access_token).getBlobClient("a");
    expect((await blob.downloadToBuffer()).toString()).toBe("line\n");
  });
});
