import {
  configurationWith,
  isAuditedInTheMount,
  previewSteps,
  updateWith,
} from "../configuration-change";
import { onVm, output, pulumi, run, sql, succeed } from "../lab-driver";

/** Changes of the configuration: previewed, and carried out. */
export function changesTheConfiguration(): void {
  describe("a preview", () => {
    it("shows a changed pgaudit.log as that parameter alone", async () => {
      const file = configurationWith(
        "pgaudit-log",
        '  pg-audit-lab:serverParameters: { "pgaudit.log": "WRITE,DDL" }',
      );
      expect(await previewSteps(file)).toEqual(["update postgres-pgaudit-log"]);
    });

    it("shows a static parameter with its one restart", async () => {
      const file = configurationWith(
        "max-connections",
        "  pg-audit-lab:serverParameters: { max_connections: 60 }",
      );
      expect(await previewSteps(file)).toEqual([
        "create postgres-max-connections",
        "replace postgres-restart",
      ]);
    });
  });

  it("that the policy pack forbids is stopped before it is carried out", async () => {
    const file = configurationWith(
      "nameless",
      '  pg-audit-lab:serverParameters: { log_line_prefix: "%t %u " }',
    );
    const preview = await run(pulumi(`preview --policy-pack policy --config-file ${file}`));
    expect(preview.exitCode).not.toBe(0);
    expect(preview.all).toContain('log_line_prefix is "%t %u ", without the client (%h or %r).');
  });

  it("to Log Analytics and Event Hubs keeps their resources, and says that nothing is delivered", async () => {
    const file = configurationWith(
      "log-destinations",
      "  pg-audit-lab:logAnalytics: true\n  pg-audit-lab:eventHub: true",
    );
    const up = `up --yes --skip-preview --policy-pack policy --config-file ${file}`;
    const { exitCode, all } = await run(pulumi(up));
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
    expect(all).toContain("local Azure keeps the workspace, and delivers no log to it");
    expect(all).toContain("local Azure keeps the namespace, and delivers no log to its event hub");
    await succeed(pulumi(`${up} --expect-no-changes`));
    expect(await output("eventHubName")).toBe("postgresql-logs");
  });

  describe("a replaced", () => {
    const NINE = "  pg-audit-lab:rhelMajorVersion: 9";

    it("VM gets every step again: the mount and SQL work, and a further key may sign in", async () => {
      const key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPWOZ8aOmWqGOeLMPZYPVTf0mSKGHxkGPYCJGwZbzXHc other";
      const before = await output("sshHostKey");
      const steps = await updateWith("rhel-9", `${NINE}\n  pg-audit-lab:sshPublicKeys: [${key}]`);
      expect(steps).toContain("replace vm");
      expect(await output("sshHostKey")).toBe(before);
      await isAuditedInTheMount("on_new_vm");
      expect(await onVm("cat ~/.ssh/authorized_keys")).toContain(key);
      expect((await onVm("ls /etc/ssh/ssh_host_*_key.pub")).trim().split("\n")).toEqual([
        "/etc/ssh/ssh_host_ecdsa_key.pub",
        "/etc/ssh/ssh_host_ed25519_key.pub",
        "/etc/ssh/ssh_host_rsa_key.pub",
      ]);
    });

    it("VM isn't replaced when a key is taken away", async () => {
      const vm = await onVm("cat /etc/machine-id");
      expect(await updateWith("rhel-9-without-keys", NINE)).not.toContain("replace vm");
      expect(await onVm("cat /etc/machine-id")).toBe(vm);
      expect(await onVm("cat ~/.ssh/authorized_keys")).not.toContain("other");
    });

    it("server of another version gets the extension, and logs beside the old one's records", async () => {
      expect(await sql("SHOW server_version_num")).toMatch(/^17/);
      const steps = await updateWith(
        "postgres-18",
        `${NINE}\n  pg-audit-lab:postgresVersion: "18"`,
      );
      expect(steps).toContain("replace postgres");
      expect(await sql("SHOW server_version_num")).toMatch(/^18/);
      await isAuditedInTheMount("on_new_server");
      const old = "CREATE TABLE,TABLE,public.on_new_vm,";
      expect(await onVm(`sudo grep -rhF '${old}' ${await output("mountPath")}`)).toContain(old);
    });
  });
}

/** The lab stays in the other region. */
export function movesTheLab(): void {
  describe("another location", () => {
    const MOVED = "  pg-audit-lab:location: northeurope";

    it("is refused, since the account with the logs would be deleted", async () => {
      const file = configurationWith("northeurope", MOVED);
      const { exitCode, all } = await run(pulumi(`preview --config-file ${file}`));
      expect(exitCode).not.toBe(0);
      const account = await output("storageAccountName");
      expect(all.replaceAll(/\s+/g, " ")).toContain(
        `would delete the storage account ${account} in PG-WORKSHOP, with all audit logs in it`,
      );
    });

    it("gives a new network, storage account, server and VM that work, where that is allowed", async () => {
      const allowed = "  pg-audit-lab:retention: { allowReplacement: true }";
      const steps = await updateWith("northeurope", `${MOVED}\n${allowed}`);
      for (const name of ["network", "storage", "postgres", "vm"]) {
        expect(steps).toContain(`replace ${name}`);
      }
      await isAuditedInTheMount("in_new_region");
    });
  });
}
