import { pollUntil } from "../../../common/poll";
import { isAuditedInTheMount } from "../configuration-change";
import { Background, onVm, run, sql, status, succeed } from "../lab-driver";

const MINUTE = 60_000;

async function pidOf(name: string): Promise<number | undefined> {
  return (await status()).parts.find((part) => part.name === name)?.pid;
}

async function kill(...names: string[]): Promise<void> {
  const { parts } = await status();
  for (const { name, pid } of parts) {
    if (names.includes(name) && pid !== undefined) process.kill(pid, "SIGKILL");
  }
}

const stateOf = async (name: string) =>
  (await status()).parts.find((part) => part.name === name)?.state;

/** Parts that are killed or shut down, on a lab that is up; it is up again afterwards. */
export function healsItself(): void {
  describe("a part that is killed", () => {
    it("is started again without a command, and an open terminal says so", async () => {
      const terminal = new Background("./lab ssh 'echo open; exec sleep 600'");
      try {
        await terminal.waitFor(/^open$/m, 60);
        await kill("Azurite", "PostgreSQL");
        for (const part of ["Azurite", "PostgreSQL"]) {
          await terminal.waitFor(
            new RegExp(`^\\[lab\\] ${part} was ended by SIGKILL; .*$`, "m"),
            60,
          );
          await terminal.waitFor(
            new RegExp(`^\\[lab\\] ${part} is up again after \\d+ s$`, "m"),
            120,
          );
        }
      } finally {
        await terminal.interrupt();
      }
      expect(await sql("SELECT count(*) FROM audit_lab.a")).toMatch(/^\d+$/);
      await isAuditedInTheMount("after_kills");
      const printed = await succeed("./lab status");
      expect(printed).toContain("The lab is up and healthy.");
      expect(printed).toMatch(
        /^ {2}\d\d:\d\d:\d\d Azurite was ended by SIGKILL; starts again in 1 s$/m,
      );
    });

    it("is waited for by `./lab up`, the VM too", async () => {
      await kill("VM", "PostgreSQL");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      await isAuditedInTheMount("after_kill_of_vm");
    });

    it("is local Azure: the next `./lab up` starts it, and keeps what still runs", async () => {
      const names = ["Azurite", "PostgreSQL", "VM"];
      const before = await Promise.all(names.map(pidOf));
      await kill("local Azure");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      expect(await Promise.all(names.map(pidOf))).toEqual(before);
      expect((await status()).events.map(({ text }) => text)).toContain(
        "had ended without being stopped; its parts that still run are kept",
      );
    });

    it("is each of them at once", async () => {
      await kill("local Azure", "Azurite", "PostgreSQL", "VM");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      await isAuditedInTheMount("after_kill_of_all");
    });
  });

  describe("a VM that its guest shut down", () => {
    it("stays stopped, as on Azure, until it is started", async () => {
      await run("./lab ssh sudo systemctl poweroff");
      await pollUntil(async () => (await stateOf("VM")) === "stopped", {
        what: "the VM to be stopped",
        timeoutSeconds: 180,
        intervalMilliseconds: 1000,
      });
      const { exitCode, all } = await run("./lab up");
      expect(exitCode).toBe(1);
      expect(all).toMatch(
        /VM pg-audit-vm was stopped by its guest, which shut itself down\. Start it with `\.\/lab restart vm`/,
      );
      await succeed("./lab restart vm");
      expect(await onVm("echo started")).toContain("started");
      await isAuditedInTheMount("after_shutdown");
    });
  });
}
