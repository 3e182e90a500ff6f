import { pollUntil } from "../../../common/poll";
import { onVm, output, pulumi, run, sql, statusTells, statusText, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

const STORAGE_API = "api-version=2024-01-01";

/** What people change without Pulumi: each message says what and what to do, and `./lab up` repairs it. */
export function repairsWhatWasChanged(): void {
  describe("what was changed outside Pulumi", () => {
    let azure: ResourceManager;
    const storageAccount = async () =>
      `Microsoft.Storage/storageAccounts/${await output("storageAccountName")}`;

    beforeAll(async () => {
      azure = await ResourceManager.open();
    });

    it("a regenerated storage key: status names it, and the reader goes on with the new one", async () => {
      const account = await storageAccount();
      await azure.call("POST", `${account}/regenerateKey?${STORAGE_API}`, { keyName: "key1" });
      await statusTells(/doesn't show the log\. .*its key was regenerated.*\.\/lab up/);
      await sql("SELECT 'after the key'");
      await pollUntil(
        async () => (await succeed("./lab audit --since 10m")).includes("after the key"),
        { what: "the reader to show the statement", timeoutSeconds: 60 },
      );
    });

    it("a changed password: psql and status name it", async () => {
      const server = (await output("serverId")).split("/").at(-1);
      await azure.call(
        "PATCH",
        `Microsoft.DBforPostgreSQL/flexibleServers/${server}?api-version=2025-08-01`,
        { properties: { administratorLoginPassword: "Changed-by-hand-1" } },
      );
      const psql = await run("./lab psql -wc 'SELECT 1'");
      expect(psql.exitCode).toBe(2);
      expect(psql.all).toMatch(/changed outside Pulumi\. This sets a new one: \.\/lab up/);
      await statusTells(/refuses the password .* This sets a new one: \.\/lab up/);
    });

    it("a changed host key: ssh names it, and sends nothing", async () => {
      const key = "/etc/ssh/ssh_host_ecdsa_key";
      await onVm(
        `sudo rm ${key} && sudo ssh-keygen -q -t ecdsa -N '' -f ${key} && sudo systemctl restart ssh`,
      );
      const { exitCode, all } = await run("./lab ssh true");
      expect(exitCode).not.toBe(0);
      expect(all).toMatch(/has another SSH host key .* This replaces the VM: \.\/lab up/);
    });

    it("all of these are repaired by one ./lab up", async () => {
      const printed = await succeed("./lab up");
      expect(printed).toContain("password was changed outside Pulumi: the server gets a new one");
      expect(printed).toContain("host key was changed outside Pulumi: the VM is replaced");
      expect(printed).toMatch(/DDL +pgadmin +CREATE TABLE/);
      expect((await run("./lab status")).exitCode).toBe(0);
      expect(await sql("SELECT 1")).toBe("1");
    });

    it("a deleted container and a deleted VM are named, and created again by ./lab up", async () => {
      const account = await storageAccount();
      const container = `${account}/blobServices/default/containers/${await output("containerName")}`;
      await azure.call("DELETE", `${container}?${STORAGE_API}`);
      await azure.call(
        "DELETE",
        "Microsoft.Compute/virtualMachines/pg-audit-vm?api-version=2025-04-01",
      );
      expect(await statusText()).toMatch(/There is no VM: it was deleted.*\.\/lab up creates it/);
      const { all } = await run("./lab psql -c 'SELECT 1'");
      expect(all).toMatch(/doesn't answer\. It was deleted or is stopped: \.\/lab up creates/);
      expect(await succeed("./lab up")).toMatch(/WRITE +pgadmin +INSERT/);
      expect((await run("./lab status")).exitCode).toBe(0);
      await succeed(pulumi("up --yes --skip-preview --refresh --expect-no-changes"));
    });
  });
}
