import { configurationWith } from "../configuration-change";
import { Background, onVm, pulumi, run, succeed } from "../lab-driver";
import { kill } from "../lab-parts";

const MINUTE = 60_000;

/** From an empty folder to the first records. */
export function bringsUp(): void {
  describe("with no lab", () => {
    it("says so to whoever wants to sign in", async () => {
      const { exitCode, all } = await run("./lab ssh");
      expect(exitCode).toBe(1);
      expect(all).toContain("No lab is up. Start one with `./lab up`.");
    });

    it("names every mistake in the configuration before any resource", async () => {
      // The engine is there after the first set-up only.
      await succeed("node --import tsx test/e2e/set-up-only.ts", 15 * MINUTE);
      const file = configurationWith(
        "mistaken",
        `  pg-audit-lab:rhelMajorVersion: 7
  pg-audit-lab:serverParameters: { pgaudit.log: REED }
  pg-audit-lab:sshPublicKeys: [nonsense]`,
      );
      const { exitCode, all } = await run(pulumi(`preview --config-file ${file}`));
      expect(exitCode).not.toBe(0);
      expect(all).toContain("The configuration has 3 problems");
      expect(all).toContain('pgaudit.log is "REED"');
    });
  });

  describe("./lab up", () => {
    it("stops in order when it is interrupted, and refuses a second run meanwhile", async () => {
      const lab = new Background("./lab up");
      await lab.waitFor(/VirtualMachine vm creating/, 15 * 60);
      const second = await run("./lab up");
      expect(second.exitCode).toBe(1);
      expect(second.all).toContain("Another command is changing this lab");
      expect(await lab.interrupt()).not.toBe(0);
      expect(lab.text).toContain("`./lab up` continues from here");
    });

    it("goes on from there and ends with the two statements' records, decoded", async () => {
      const printed = await succeed("./lab up");
      expect(printed).toMatch(/DDL +pgadmin +CREATE TABLE .*CREATE TABLE audit_lab\.a\(id int\)/);
      expect(printed).toMatch(/WRITE +pgadmin +INSERT .*INSERT INTO audit_lab\.a SELECT/);
      expect(printed).toContain("What to do next:");
      expect(printed).toMatch(/Policies:\s+✅ pg-audit-lab@/);
      // The steps' output is progress, not a result.
      expect(printed).not.toContain("Diagnostics:");
    });

    it("keeps what it wrote on the VM's disk if the VM crashes right after it", async () => {
      kill("VM");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      expect(await onVm("audit-tail --help")).toContain("audit-tail");
    });

    it("can be run again while the lab is up, and shows the raw records", async () => {
      const printed = await succeed("./lab up --raw");
      expect(printed).toMatch(/\d+ unchanged/);
      const records = printed.split("\n").filter((line) => line.startsWith("{"));
      const messages = records.map(
        (line) => (JSON.parse(line) as { properties: { message: string } }).properties.message,
      );
      expect(messages[0]).toMatch(
        /db-pgbench,user-pgadmin,app-psql,client-127\.0\.0\.1 LOG: {2}AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,audit_lab\.a,CREATE TABLE audit_lab\.a\(id int\),<not logged>$/,
      );
      expect(messages[1]).toMatch(
        /AUDIT: SESSION,2,1,WRITE,INSERT,TABLE,audit_lab\.a,"INSERT INTO audit_lab\.a SELECT generate_series\(1,1000\)",<not logged>$/,
      );
    });

    it("leaves nothing for a second `pulumi up` to change", async () => {
      await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
      expect(await succeed("git status --porcelain Pulumi.local.yaml")).toBe("");
    });
  });
}
