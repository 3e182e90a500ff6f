import * as crypto from "node:crypto";
import * as path from "node:path";
import { readClientSecret, readSettings } from "../../../local/azure/settings";
import { LabPaths } from "../../../local/paths";
import { configurationWith, isAuditedInTheMount, updateWith } from "../configuration-change";
import { onVm, output, pulumi, run, statusTells, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

const STORAGE_API = "api-version=2024-01-01";
const ROLES_API = "api-version=2022-04-01";
const IDENTITY_API = "api-version=2023-01-31";
const CONFIG = "/etc/pg-audit-lab-blobfuse2.yaml";
const IDENTITY = "  pg-audit-lab:storageAuthentication: managedIdentity";
const OWN_IDENTITY = "  pg-audit-lab:storageAuthentication: userAssignedIdentity";
const SIGNATURE = "  pg-audit-lab:storageAuthentication: sas";
const UP = "up --yes --skip-preview --config-file";

/** In that the program makes a signature that has ended. */
const LONG_AGO = `export PROGRAM_CLOCK_DAYS=-90 NODE_OPTIONS="--require ${path.resolve(__dirname, "..", "program-clock.js")}"`;

/** An application of the lab's tenant: it has one id, also for its principal, and its secret is the lab's. */
function servicePrincipal() {
  const paths = new LabPaths();
  const id = crypto.randomUUID();
  const file = configurationWith(
    "service-principal",
    `  pg-audit-lab:storageAuthentication: servicePrincipal
  pg-audit-lab:storageServicePrincipal:
    tenantId: ${readSettings(paths)?.tenantId}
    clientId: ${id}
    objectId: ${id}`,
  );
  const key = "storageServicePrincipal.clientSecret";
  return {
    id,
    file,
    secret: readClientSecret(paths),
    /** As a person does: encrypted, from standard input. */
    setSecret: (value: string) =>
      succeed(pulumi(`config set --secret --path ${key} --config-file ${file}`), undefined, value),
  };
}

/** A running lab goes from the account's key to each kind of identity, to a signature, and back. */
export function signsInToStorage(): void {
  describe("the mount's sign-in to the storage account", () => {
    let azure: ResourceManager;
    let account: string;
    let key: string;
    let clientSecret: string;
    /** Where a secret is on the VM; it is sent by standard input. */
    const filesWith = (secret: string) =>
      onVm("sudo grep -rlFf - /etc /run /home /root /tmp /var/lib /var/cache || true", secret);
    /** Object ids of those who have a role on the account. */
    const readers = async () => {
      const roles = `${account}/providers/Microsoft.Authorization/roleAssignments`;
      const { value } = (await azure.get(`${roles}?${ROLES_API}`)) as {
        value: { properties: { principalId: string } }[];
      };
      return value.map(({ properties }) => properties.principalId);
    };

    beforeAll(async () => {
      azure = await ResourceManager.open();
      account = `Microsoft.Storage/storageAccounts/${await output("storageAccountName")}`;
      key = (await onVm(`sudo sed -n 's/^ *account-key: //p' ${CONFIG}`)).trim();
    });

    it("becomes a managed identity: the log is read, the key is gone and accepted no more", async () => {
      expect(await filesWith(key)).toContain(CONFIG);
      const steps = await updateWith("managed-identity", IDENTITY);
      expect(steps).toEqual(
        expect.arrayContaining(["create mount-reader", "update storage", "update vm"]),
      );
      await isAuditedInTheMount("by_identity");
      expect(await filesWith(key)).toBe("");
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

    it("becomes a user-assigned identity, which has the role in place of the VM's own", async () => {
      const file = configurationWith("user-assigned-identity", OWN_IDENTITY);
      await succeed(pulumi(`${UP} ${file}`));
      await isAuditedInTheMount("by_own_identity");
      const identities = "Microsoft.ManagedIdentity/userAssignedIdentities/pg-audit-vm-identity";
      const { properties } = (await azure.get(`${identities}?${IDENTITY_API}`)) as {
        properties: { principalId: string };
      };
      expect(await readers()).toEqual([properties.principalId]);
    });

    it("becomes a service principal: a wrong secret is named, and an update with the right one repairs it", async () => {
      const { id, file, secret, setSecret } = servicePrincipal();
      clientSecret = secret;
      await setSecret("not-the-secret");
      const refused = await run(pulumi(`${UP} ${file}`));
      expect(refused.exitCode).not.toBe(0);
      expect(refused.all).toMatch(
        /refused the service principal .*secret .*is wrong.*config set --secret --path storageServicePrincipal\.clientSecret/,
      );
      await setSecret(secret);
      await succeed(pulumi(`${UP} ${file}`));
      await isAuditedInTheMount("by_service_principal");
      expect(await readers()).toEqual([id]);
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
      expect(await filesWith(clientSecret)).toBe("");
    });

    it("becomes the key again, and no role is left", async () => {
      await succeed("./lab up");
      expect(await filesWith(key)).toContain(CONFIG);
      expect(await readers()).toEqual([]);
    });
  });
}
