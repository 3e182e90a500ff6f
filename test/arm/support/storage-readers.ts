import {
  BlobServiceClient,
  type ContainerClient,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import * as crypto from "node:crypto";
import { type TokenAuthority } from "../../../local/tokens/token-authority";
import { type TestCloud } from "./cloud";

export const STORAGE = "https://storage.azure.com";
export const STORAGE_API = "api-version=2024-01-01";
export const ACCOUNT = "labaccount";
export const CONTAINER = "logs";
/** Storage Blob Data Reader. */
const READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

/** Azure's answer to a token whose holder has no role for a request. */
export const MISMATCH = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

/** A storage account with a blob `a`, the roles for it, and clients with tokens. */
export class StorageReaders {
  readonly account: string;

  constructor(private readonly cloud: TestCloud) {
    this.account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
  }

  async create(): Promise<void> {
    await this.putAccount();
    for (const name of [CONTAINER, "others"]) {
      const path = `${this.account}/blobServices/default/containers/${name}?${STORAGE_API}`;
      expect((await this.cloud.put(path, {})).status).toBe(201);
    }
    const blobs = this.cloud.parts.storage.client(ACCOUNT).getContainerClient(CONTAINER);
    await blobs.getAppendBlobClient("a").create();
  }

  putAccount(allowSharedKeyAccess?: boolean) {
    return this.cloud.put(`${this.account}?${STORAGE_API}`, {
      location: "westeurope",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: { allowSharedKeyAccess },
    });
  }

  assignment(name: string, scope = this.account): string {
    return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
  }

  /** @returns the assignment's name */
  async assign(principalId: string, scope = this.account, roleId = READER): Promise<string> {
    const name = crypto.randomUUID();
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
    const { status } = await this.cloud.put(this.assignment(name, scope), {
      properties: { principalId, principalType: "ServicePrincipal", roleDefinitionId },
    });
    expect(status).toBe(201);
    return name;
  }

  tokenOf(principal: string, tokens: TokenAuthority = this.cloud.tokens, audience = STORAGE) {
    const { tenantId } = this.cloud;
    const holder = { tenantId, appId: principal, objectId: principal };
    return tokens.issue({ ...holder, audience, seconds: 600 });
  }

  /** The container's client with a token, a key's credential, or none. */
  container(
    token: string | StorageSharedKeyCredential | undefined,
    { name = CONTAINER, query = "" } = {},
  ): ContainerClient {
    const getToken = async () => ({
      token: token as string,
      expiresOnTimestamp: Date.now() + 3_000_000,
    });
    const credential = typeof token === "string" ? { getToken } : token;
    const options = { tlsOptions: { ca: this.cloud.ca }, retryOptions: { maxTries: 1 } };
    const url = `https://127.0.0.1:${this.cloud.blobPort}/${ACCOUNT}${query}`;
    return new BlobServiceClient(url, credential, options).getContainerClient(name);
  }

  async list(token: string, name?: string): Promise<string[]> {
    const names = [];
    for await (const blob of this.container(token, { name }).listBlobsFlat()) names.push(blob.name);
    return names;
  }
}
