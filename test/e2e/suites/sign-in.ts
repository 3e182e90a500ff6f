import * as path from "node:path";
import { configurationWith, isAuditedInTheMount, updateWith } from "../configuration-change";
import { onVm, output, pulumi, run, statusTells, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

const STORAGE_API = "api-version=2024-01-01";
const ROLES_API = "api-version=2022-04-01";
const CONFIG = "/etc/pg-audit-lab-blobfuse2.yaml";
const IDENTITY = "  pg-audit-lab:storageAuthentication: managedIdentity";
const SIGNATURE = "  pg-audit-lab:storageAuthentication: sas";
const UP = "up --yes --skip-preview --config-file";

/** In that the program makes a signature that has ended. */
const LONG_AGO = `export PROGRAM_CLOCK_DAYS=-90 NODE_OPTIONS="--require ${path.resolve(__dirname, "..", "program-clock.js")}"`;

/** A running lab goes from the account's key to a managed identity, to a signature, and back. */
export function signsInToStorage(): void {
  describe("the mount's sign-in to the storage account", () => {
    let azure: ResourceManager;
    let account: string;
    let key: string;
    /** Where the key is on the VM; it is sent by standard input. */
    const filesWithKey = () =>
      onVm("sudo grep -rlFf - /etc /run /home /root /tmp /var/lib /var/cache || true", key);

    beforeAll(async () => {
      azure = await ResourceManager.open();
      account = `Microsoft.Storage/storageAccounts/${await output("storageAccountName")}`;
      key = (await onVm(`sudo sed -n 's/^ *account-key: //p' ${CONFIG}`)).trim();
    });

    it("becomes a managed identity: the log is read, the key is gone and accepted no more", async () => {
      expect(await filesWithKey()).toContain(CONFIG);
      const steps = await updateWith("managed-identity", IDENTITY);
      expect(steps).toEqual(
        expect.arrayContaining(["create mount-reader", "update storage", "update vm"]),
      );
      await isAuditedInTheMount("by_identity");
      expect(await filesWithKey()).toBe("");
      expect(await azure.get(`${account}?${STORAGE_API}`)).toMatchObject({
        properties: { allowSharedKeyAccess: false },
      });
      expect(await succeed("./lab audit --since 10m")).toContain("by_identity");
    });

    it("a removed role is named, and an update assigns it again", async () => {
      const roles = `${account}/providers/Microsoft.Authorization/roleAssignments`;
      const { value } = (await azure.get(`${roles}?${ROLES_API}`)) as {
        value: { name: string }[];
      };
      for (const { name } of value) await azure.call("DELETE", `${roles}/${name}?${ROLES_API}`);
      await statusTells(/doesn't show the log\. .*Storage Blob Data Reader.*\.\/lab up/);
      const file = configurationWith("managed-identity", IDENTITY);
      await succeed(pulumi(`${UP} ${file} --refresh`));
      await isAuditedInTheMount("with_role_again");
    });

    it("in another subscription, the stack's is named before anything is done", async () => {
      const preview = pulumi("preview").replace(
        "pulumi preview",
        "ARM_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111 pulumi preview",
      );
      const { exitCode, all } = await run(preview);
      expect(exitCode).not.toBe(0);
      expect(all).toMatch(/sign-in is for 1{8}-.* Choose the stack's: az account set/);
    });

    it("becomes a signature: one that has ended is named, and an update makes another", async () => {
      const file = configurationWith("signature", SIGNATURE);
      const ended = await run(`${LONG_AGO}; ${pulumi(`${UP} ${file}`)}`);
      expect(ended.exitCode).not.toBe(0);
      expect(ended.all).toMatch(/was not mounted\. The SAS has ended.*writes a new SAS: pulumi up/);
      await statusTells(/doesn't show the log\. .*SAS has ended.*\.\/lab up/);
      await updateWith("signature", SIGNATURE);
      await isAuditedInTheMount("with_signature");
      expect(await output("storageSasExpiry")).toMatch(/T00:00:00Z$/);
    });

    it("becomes the key again, and no role is left", async () => {
      await succeed("./lab up");
      expect(await filesWithKey()).toContain(CONFIG);
      const roles = `${account}/providers/Microsoft.Authorization/roleAssignments`;
      expect(await azure.get(`${roles}?${ROLES_API}`)).toEqual({ value: [] });
    });
  });
}
