import { type LogRecord } from "../../../audit/record";
import { pollUntil } from "../../../common/poll";
import { shellQuote } from "../../../common/shell-quote";
import { Background, onVm, output, pulumi, run, sql, succeed } from "../lab-driver";

/** The trail: on the VM, and by the reader. */
export function readsTheTrail(): void {
  describe("the audit trail on the VM", () => {
    it("is followed by audit-tail, line by line", async () => {
      const tail = new Background("./lab ssh audit-tail --from-start");
      try {
        await tail.waitFor(/AUDIT: SESSION/, 60);
        await sql("SELECT 'followed by audit-tail'");
        await tail.waitFor(/READ,SELECT,,,SELECT 'followed by audit-tail'/, 60);
      } finally {
        await tail.interrupt();
      }
    });

    it("is decoded by audit-tail where asked to", async () => {
      const tail = new Background("./lab ssh audit-tail --decode");
      try {
        await tail.waitFor(/following/, 60);
        await sql("SELECT 'decoded by audit-tail'");
        await tail.waitFor(
          /^\d\d:\d\d:\d\d {2}pgadmin@pgbench +READ +SELECT +SELECT 'decoded by audit-tail'/m,
          60,
        );
      } finally {
        await tail.interrupt();
      }
    });

    it("is read-only in the mount", async () => {
      const mount = await output("mountPath");
      const { exitCode, all } = await run(`./lab ssh sudo touch ${mount}/x`);
      expect(exitCode).not.toBe(0);
      expect(all).toContain("Read-only file system");
    });

    it("is mounted with a configuration that only root can read", async () => {
      const stat = await onVm("stat -c '%a %U:%G' /etc/pg-audit-lab-blobfuse2.yaml");
      expect(stat.trim()).toBe("600 root:root");
    });

    it("is mounted again after an outage of any length", async () => {
      const show = "systemctl show 'blobfuse2-*' --property=Restart,StartLimitIntervalUSec";
      // One unit for ~/mycontainer and one for audit-tail.
      const unit = "Restart=on-failure\nStartLimitIntervalUSec=0";
      expect((await onVm(show)).trim()).toBe(`${unit}\n\n${unit}`);
    });

    it("is back after a reboot", async () => {
      const bootId = () => onVm("cat /proc/sys/kernel/random/boot_id");
      const before = await bootId();
      await run("./lab ssh sudo systemctl reboot");
      await pollUntil(
        async () => {
          const { exitCode, stdout } = await run("./lab ssh cat /proc/sys/kernel/random/boot_id");
          return exitCode === 0 && stdout !== before;
        },
        { what: "the VM to boot again", timeoutSeconds: 300, intervalMilliseconds: 2000 },
      );
      const mount = await output("mountPath");
      await pollUntil(async () => (await onVm(`ls ${mount} || true`)).includes("resourceId="), {
        what: "the mount to be back",
        timeoutSeconds: 180,
        intervalMilliseconds: 2000,
      });
      const units = "blobfuse2-*.service /etc/systemd/system/var-cache-blobfuse2.mount";
      expect(
        await onVm(`sudo systemd-analyze verify --man=no /etc/systemd/system/${units} 2>&1`),
      ).toBe("");
      // systemd breaks a cycle by not starting one of its units.
      expect(
        await onVm(
          "sudo journalctl --boot --quiet --identifier=systemd --grep 'ordering cycle' || true",
        ),
      ).toBe("");
      await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
    });
  });

  describe("./lab audit", () => {
    it("follows: shows a statement that psql runs, decoded", async () => {
      const reader = new Background("./lab audit --follow --format json --class WRITE");
      try {
        // The first line shows that it follows.
        let written = 0;
        await pollUntil(
          async () => {
            await sql(`INSERT INTO audit_lab.a VALUES (${written++}) /* begin */`);
            return reader.text.includes("/* begin */");
          },
          { what: "the reader to follow", timeoutSeconds: 120 },
        );
        await sql("INSERT INTO audit_lab.a VALUES (1) /* followed */");
        const record = JSON.parse(await reader.waitFor(/^.*followed.*$/m, 60)) as LogRecord;
        expect(record).toMatchObject({
          kind: "audit",
          class: "WRITE",
          command: "INSERT",
          user_name: "pgadmin",
          database_name: "pgbench",
          application_name: "psql",
          statement: "INSERT INTO audit_lab.a VALUES (1) /* followed */",
        });
      } finally {
        expect(await reader.interrupt()).not.toBe(0);
      }
      expect(reader.text).toMatch(/audit: \d+ records?; \d+ left out by the filters/);
    });

    it("answers a question in SQL about the last hour", async () => {
      const query =
        "select command, object_name from audit where class = 'DDL' and user_name = 'pgadmin'";
      const rows = await succeed(`./lab audit --format json --sql ${shellQuote(query)}`);
      expect(rows).toContain('"command":"CREATE TABLE","object_name":"audit_lab.a"');
    });
  });
}
