import * as fs from "node:fs";
import * as path from "node:path";
import { processFile } from "../../../common/processes";
import { PROJECT_ROOT } from "../../../local/paths";
import { Background, run, status, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

/** The end: nothing is left. */
export function tearsDown(): void {
  describe("./lab down", () => {
    it("ends in order at Ctrl-C", async () => {
      // On an idle machine the whole destroy takes a second.
      const azure = await ResourceManager.open();
      await azure.armFault({
        ...{ method: "DELETE", type: "Microsoft.DBforPostgreSQL/flexibleServers" },
        effect: { kind: "delay", seconds: 5 },
      });
      const lab = new Background("exec ./lab down");
      await lab.waitFor(/Destroying/, 120);
      expect(await lab.interrupt()).toBe(130);
      expect(lab.text).toMatch(/Interrupted\. `\.\/lab down` continues from here; .*\n$/);
    });

    it("goes on from there, destroys the lab and leaves nothing", async () => {
      const { parts } = await status();
      const pids = parts.flatMap(({ pid }) => pid ?? []);
      expect(pids).toHaveLength(5);
      await succeed("./lab down");
      expect(pids.filter(isRunning)).toEqual([]);
      const { stdout } = await run('pgrep --full -- "$PWD/.lab" || true');
      expect(stdout).toBe("");
      expect(fs.existsSync(path.join(PROJECT_ROOT, ".lab/azure"))).toBe(false);
      expect((await status()).isUp).toBe(false);
      expect(await succeed("mount | grep -F .lab || true")).toBe("");
    });
  });
}

/** A process that has ended, but whose end nobody has taken note of yet, counts as ended. */
function isRunning(pid: number): boolean {
  const text = processFile(pid, "stat");
  return text !== undefined && !/\) Z /.test(text);
}
