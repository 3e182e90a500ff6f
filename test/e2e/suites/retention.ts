import { readSettings } from "../../../local/azure/settings";
import { StorageBackend } from "../../../local/backends/storage-accounts";
import { LabPaths } from "../../../local/paths";
import { configurationWith, isAuditedInTheMount, updateWith } from "../configuration-change";
import { output, pulumi, run, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

const KEPT =
  "  pg-audit-lab:retention: { days: 40, immutableDays: 30, softDeleteDays: 7, deleteLock: true }\n" +
  "  pg-audit-lab:storageNetworkAccess: private";

const KEPT_RESOURCES = [
  "retention-immutability",
  "retention-lifecycle",
  "retention-lock",
  "storage-access",
  "storage-access-zone",
  "storage-access-zone-group",
  "storage-access-zone-link",
];

/** The log container, with the account's key. */
async function logContainer() {
  const paths = new LabPaths();
  const port = readSettings(paths)?.ports.blob ?? 0;
  const storage = new StorageBackend({ paths, port, tls: { key: "", cert: "" } });
  return storage
    .client(await output("storageAccountName"))
    .getContainerClient(await output("containerName"));
}

/** The logs are kept as the configuration says, and protected against everybody. */
export function keepsTheTrail(): void {
  describe("logs that are kept", () => {
    it("are configured on the running lab; appends still arrive", async () => {
      expect(await updateWith("retention", KEPT)).toEqual(
        expect.arrayContaining([
          ...KEPT_RESOURCES.map((name) => `create ${name}`),
          "update retention-soft-delete",
          "update storage",
        ]),
      );
      await isAuditedInTheMount("kept");
    });

    it("can't be deleted: not a log, not the account, not by a change of the configuration", async () => {
      const container = await logContainer();
      for await (const { name } of container.listBlobsFlat()) {
        const refused = { statusCode: 409, code: "BlobImmutableDueToPolicy" };
        await expect(container.deleteBlob(name)).rejects.toMatchObject(refused);
      }
      const azure = await ResourceManager.open();
      const account = `Microsoft.Storage/storageAccounts/${await output("storageAccountName")}`;
      await expect(azure.call("DELETE", `${account}?api-version=2024-01-01`)).rejects.toThrow(
        /409 .*ScopeLocked/,
      );
      const moved = configurationWith(
        "retention-moved",
        `${KEPT}\n  pg-audit-lab:location: northeurope`,
      );
      const { exitCode, all } = await run(pulumi(`preview --config-file ${moved}`));
      expect(exitCode).not.toBe(0);
      expect(all).toMatch(/would delete the storage account/);
    });

    it("are deleted when they are old enough, and new ones arrive", async () => {
      expect(await succeed("./lab pass-days 39")).toMatch(/No blob is old enough/);
      expect(await succeed("./lab pass-days 2")).toMatch(/Deleted:\n.*\/PT1H\.json/);
      await isAuditedInTheMount("after_the_deletion");
    });

    it("aren't kept any more when the configuration says so", async () => {
      expect(await updateWith("retention-off", "")).toEqual(
        expect.arrayContaining(KEPT_RESOURCES.map((name) => `delete ${name}`)),
      );
      await isAuditedInTheMount("not_kept");
    });
  });
}
