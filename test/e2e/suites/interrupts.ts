import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processesOfBackend } from "../../../cli/engine/leftovers";
import { shellQuote } from "../../../common/shell-quote";
import { pollUntil } from "../../../common/poll";
import { readSettings } from "../../../local/azure/settings";
import { backendUrl } from "../../../local/engine/engine";
import { LabPaths } from "../../../local/paths";
import { shareAuthority, shareBuilds } from "../../support/shared-builds";
import { isAuditedInTheMount } from "../configuration-change";
import { Background, pulumi, run, sql, succeed } from "../lab-driver";

const MINUTE = 60_000;
/** A second `./lab up` takes about 10 s on a quiet machine. */
const LAST_SECOND = 30;

/** Whether the lab's engine, a plugin or a program of it is running. */
const engineRuns = (): boolean => processesOfBackend(backendUrl(new LabPaths())).length > 0;

/** Presses Ctrl-C after so many seconds; undefined where the command had ended before. */
async function interruptedAfter(seconds: number, command: string): Promise<string | undefined> {
  const lab = new Background(command);
  const ended = await Promise.race([lab.child.then(() => true), delay(seconds * 1000, false)]);
  const exitCode = ended ? 0 : await lab.interrupt();
  // Its work may end in the moment of the signal.
  if (lab.text.includes("What to do next:")) return undefined;
  // In its first moments it has begun nothing, and the signal ends it at once.
  if (lab.text !== "") expect([seconds, exitCode]).toEqual([seconds, 130]);
  return lab.text;
}

/** Ctrl-C and second commands, on a lab that is up; it is up afterwards. */
export function endsInOrder(): void {
  describe("a second `./lab up`", () => {
    it("ends in order at Ctrl-C in each of its seconds, and the next one continues", async () => {
      for (let seconds = 1; seconds < LAST_SECOND; seconds++) {
        const printed = await interruptedAfter(seconds, "exec ./lab up");
        if (printed === undefined) break;
        if (printed === "") continue;
        expect(printed).toMatch(/Interrupted\. `\.\/lab up` continues from here; .*\n$/);
        expect(printed).not.toMatch(/^ +at |undefined|ed with \d/m);
        // A plugin may need a moment after its engine's end.
        await pollUntil(() => !engineRuns(), {
          what: "the engine's processes to end",
          timeoutSeconds: 10,
        });
      }
      expect(await succeed("./lab up", 15 * MINUTE)).toMatch(/\d+ unchanged/);
      await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
      await isAuditedInTheMount("after_interrupts");
    });

    it("lets no other command change the lab meanwhile", async () => {
      const lab = new Background("exec ./lab up");
      await lab.waitFor(/Running pulumi up/, 60);
      for (const command of ["up", "down", "down --force", "reset", "settle"]) {
        const { exitCode, all } = await run(`./lab ${command}`);
        expect([command, exitCode]).toEqual([command, 1]);
        expect(all).toContain("Another command is changing this lab");
      }
      await lab.child;
      expect(lab.text).toContain("What to do next:");
    });
  });

  describe("a second lab", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-second-"));
    // A Unix socket's path has 107 bytes at most.
    const paths = new LabPaths(
      path.join(folder, `somebody's "second" lab, ${"long ".repeat(20)}`.trim()),
    );
    const second = (command: string): string =>
      `LAB_DIR=${shellQuote(paths.root)} ./lab ${command}`;

    afterAll(async () => {
      await run(second("down --force"));
      fs.rmSync(folder, { recursive: true, force: true });
    });

    it("comes up beside this one, by two commands at once, with other ports and another trail", async () => {
      shareBuilds(paths);
      shareAuthority(paths);
      const printed = await Promise.all([
        succeed(second("up"), 15 * MINUTE),
        succeed("./lab up", 15 * MINUTE),
      ]);
      for (const text of printed) expect(text).toContain("What to do next:");
      const settings = [readSettings(paths), readSettings(new LabPaths())];
      const places = settings.flatMap((one) => [
        ...Object.values(one?.ports ?? {}),
        one?.vmAddress,
      ]);
      expect(new Set(places).size).toBe(10);
      await succeed(second("psql -XAtc 'CREATE TABLE only_in_the_second(id int)'"), 2 * MINUTE);
      expect(await sql("SELECT to_regclass('only_in_the_second') IS NULL")).toContain("t");
    });

    it("goes down and leaves this one as it is", async () => {
      await succeed(second("down"), 15 * MINUTE);
      expect(fs.existsSync(paths.reservation)).toBe(false);
      expect(await succeed("./lab status")).toContain("The lab is up and healthy.");
      await isAuditedInTheMount("after_second_lab");
    });
  });
}
