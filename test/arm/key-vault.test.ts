import { testCloud } from "./support/cloud";
import { errorOf } from "./support/http";

const API = "?api-version=2024-11-01";
const cloud = testCloud({ namesTakenElsewhere: ["taken-elsewhere"] });

const vaultId = (name: string) => `${cloud.group}/providers/Microsoft.KeyVault/vaults/${name}`;
const put = (name: string, more: object = {}) =>
  cloud.put(`${vaultId(name)}${API}`, {
    location: "westeurope",
    properties: {
      tenantId: cloud.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      ...more,
    },
  });
const KEY = { properties: { kty: "RSA", keySize: 3072, keyOps: ["encrypt", "decrypt"] } };

describe("a key vault", () => {
  test("has Azure's defaults and an address, at which nothing answers", async () => {
    expect((await put("vault-1")).body).toMatchObject({
      properties: {
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
        vaultUri: "https://vault-1.vault.azure.net/",
      },
    });
  });

  test.each(["ab", "1vault", "vault-", "two--hyphens", "x".repeat(25), "under_score"])(
    "can't be named '%s'",
    async (name) => {
      expect(errorOf(await put(name))).toMatchObject({ status: 400, code: "VaultNameNotValid" });
    },
  );

  test("can't have a name that another subscription has", async () => {
    const answer = await put("taken-elsewhere");
    expect(errorOf(answer)).toMatchObject({ status: 409, code: "VaultAlreadyExists" });
  });

  test("keeps its purge protection, and can't be made without it by `false`", async () => {
    await put("protected", { enablePurgeProtection: true });
    const off = { properties: { enablePurgeProtection: false } };
    const changed = await cloud.request("PATCH", `${vaultId("protected")}${API}`, off);
    for (const answer of [changed, await put("vault-2", off.properties)]) {
      expect(errorOf(answer)).toMatchObject({ status: 400, code: "BadRequest" });
      expect(errorOf(answer).message).toContain("cannot be set to false");
    }
  });

  test("that was deleted keeps its name as long as Azure keeps the vault", async () => {
    await put("short-lived", { softDeleteRetentionInDays: 7 });
    await cloud.request("DELETE", `${vaultId("short-lived")}${API}`);
    const answer = await put("Short-Lived");
    expect(errorOf(answer)).toMatchObject({ status: 409, code: "ConflictError" });
    cloud.passDays(8);
    expect((await put("short-lived")).status).toBe(201);
  });
});

describe("a key", () => {
  const id = () => `${vaultId("vault-1")}/keys/pulumi${API}`;

  test("has an address with a version, which a second PUT doesn't change", async () => {
    const first = await cloud.request("PUT", id(), KEY);
    expect(first).toMatchObject({ status: 200 });
    const { properties } = first.body as { properties: { keyUriWithVersion: string } };
    expect(properties.keyUriWithVersion).toMatch(
      /^https:\/\/vault-1\.vault\.azure\.net\/keys\/pulumi\/[0-9a-f]{32}$/,
    );
    expect((await cloud.request("PUT", id(), KEY)).body).toEqual(first.body);
  });

  test("isn't deleted by the Resource Manager", async () => {
    expect(errorOf(await cloud.request("DELETE", id()))).toMatchObject({ status: 405 });
  });
});
