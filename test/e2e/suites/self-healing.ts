import { pollUntil } from "../../../common/poll";
import { readEvents } from "../../../local/azure/supervision/journal";
import { LabPaths } from "../../../local/paths";
import { isAuditedInTheMount } from "../configuration-change";
import { Background, onVm, run, sql, status, succeed } from "../lab-driver";
import { kill, pidsOf } from "../lab-parts";

const MINUTE = 60_000;

const paths = new LabPaths();

const stateOf = async (name: string) =>
  (await status()).parts.find((part) => part.name === name)?.state;

/** Parts that are killed or shut down, on a lab that is up; it is up again afterwards. */
export function healsItself(): void {
  describe("a part that is killed", () => {
    it("is started again without a command, and an open terminal says so", async () => {
      const terminal = new Background("./lab ssh 'echo open; exec sleep 600'");
      try {
        await terminal.waitFor(/^open$/m, 60);
        kill("Azurite", "PostgreSQL");
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
      kill("VM", "PostgreSQL");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      await isAuditedInTheMount("after_kill_of_vm");
    });

    it("is local Azure: the next `./lab up` starts it, and keeps what still runs", async () => {
      const names = ["Azurite", "PostgreSQL", "VM"];
      const before = pidsOf(...names);
      expect(before).toHaveLength(3);
      kill("local Azure");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      expect(pidsOf(...names)).toEqual(before);
      expect(readEvents(paths).map(({ text }) => text)).toContain(
        "had ended without being stopped; its parts that still run are kept",
      );
    });

    it("is each of them at once", async () => {
      kill("local Azure", "Azurite", "PostgreSQL", "VM");
      expect(await succeed("./lab up", 15 * MINUTE)).toContain("What to do next:");
      await isAuditedInTheMount("after_kill_of_all");
    });
  });

  describe("a VM whose clock is behind, as after the host was suspended", () => {
    it("sets it by the host's, so that the trail's folders are those of the current hour", async () => {
      await onVm("sudo date --set '2 hours ago'");
      await pollUntil(
        async () => Math.abs(Number(await onVm("date +%s")) - Date.now() / 1000) < 60,
        { what: "the VM's clock to be set", timeoutSeconds: 180, intervalMilliseconds: 2000 },
      );
      await isAuditedInTheMount("after_clock");
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
