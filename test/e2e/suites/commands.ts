import * as fs from "node:fs";
import * as path from "node:path";
import { sessionsFolder } from "../../../cli/access/session-folder";
import { pollUntil } from "../../../common/poll";
import { plainEnv } from "../../support/plain-env";
import { Background, onVm, run, sql, status, succeed } from "../lab-driver";

const MINUTE = 60_000;

const sessionFolders = (): string[] => {
  const folder = sessionsFolder(plainEnv);
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
};

/** The commands that sign in to the lab, or show what runs. */
export function signsIn(): void {
  describe("./lab status", () => {
    it("shows what runs, whether it is healthy, and what is a stand-in", async () => {
      const { isUp, parts, resourceManager, trail } = await status();
      expect(isUp).toBe(true);
      const healthy = parts.filter(({ state }) => state === "healthy").map(({ name }) => name);
      expect(healthy).toEqual([
        ...["local Azure", "Azurite", "PostgreSQL gateway", "PostgreSQL", "VM"],
        ...["package repository", "log shipper"],
      ]);
      expect(resourceManager?.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      expect(parts.find(({ name }) => name === "blobfuse2")?.kind).toBeDefined();
      expect(trail?.mounted).toBe(true);
      expect(Date.parse(trail?.newestRecord ?? "")).not.toBeNaN();
    });

    it("fits 80 columns, and ends quietly where its reader ends early", async () => {
      const lines = (await succeed("./lab status")).split("\n");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      const { exitCode, all } = await run("set -o pipefail; ./lab status | head -n 1");
      expect({ exitCode, all }).toEqual({ exitCode: 0, all: "The lab is up and healthy." });
    });

    it("prints a psql command for this machine, with TLS verified", async () => {
      const printed = await succeed("./lab status");
      const command = /^ {2}(psql "[^"]*")/m.exec(printed)?.[1] ?? "";
      expect(command).toContain("sslmode=verify-full");
      expect(await succeed(`${command} -XAtc 'SELECT current_user'`)).toBe("pgadmin");
    });
  });

  describe("./lab psql", () => {
    it("takes psql's own choice of user and database", async () => {
      await sql("CREATE ROLE alice LOGIN PASSWORD 'alice-in-the-trail'");
      const who = "-XAtc 'SELECT current_user, current_database()'";
      expect(await succeed(`./lab psql -d postgres ${who}`)).toBe("pgadmin|postgres");
      expect(await succeed(`./lab psql postgres ${who}`)).toBe("pgadmin|postgres");
      expect(await succeed(`./lab psql -U alice ${who}`, MINUTE, "alice-in-the-trail\n")).toBe(
        "alice|pgbench",
      );
      const { exitCode, all } = await run(`./lab psql -U alice -w ${who}`);
      expect(exitCode).not.toBe(0);
      expect(all).toContain("no password supplied");
    });

    it("leaves no password on the VM, even if it is killed", async () => {
      const session = new Background("./lab psql -c 'SELECT pg_sleep(600)'");
      await onVm("until pgrep -x psql; do sleep 0.2; done");
      expect(await onVm("ls /dev/shm /tmp")).not.toMatch(/pg-audit-lab|tmp\./);
      session.kill();
      await session.child;
      await onVm("sudo pkill -x psql || true");
    });
  });

  describe("./lab ssh", () => {
    it("takes one word as a line for the shell, and several as they are", async () => {
      expect(await succeed("./lab ssh 'sudo ls / | head -n 1'")).toBe("bin");
      expect(await succeed("./lab ssh echo 'a  b' '$HOME'")).toBe("a  b $HOME");
    });

    it("leaves no key and no process behind when its terminal is closed", async () => {
      const before = sessionFolders();
      const session = new Background("./lab ssh 'echo started; sleep 600'");
      await session.waitFor(/started/, 60);
      const [folder = ""] = sessionFolders().filter((name) => !before.includes(name));
      expect(fs.readdirSync(folder)).not.toContain("key");
      session.hangUp();
      await pollUntil(() => !sessionFolders().includes(folder), {
        what: "the session's folder to be removed",
        timeoutSeconds: 30,
      });
      expect((await run(`pgrep --full -- ${folder}`)).stdout).toBe("");
    });

    it("leaves a folder that the next command removes when all its processes are killed", async () => {
      const before = sessionFolders();
      const session = new Background("./lab ssh 'echo started; sleep 600'");
      await session.waitFor(/started/, 60);
      session.kill();
      await session.child;
      const [folder = ""] = sessionFolders().filter((name) => !before.includes(name));
      await succeed("./lab ssh true");
      expect(sessionFolders()).not.toContain(folder);
      expect(sessionFolders()).toEqual(before);
    });
  });

  describe("./lab logs and ./lab restart", () => {
    it("show a part's log, and start it again with what it holds", async () => {
      expect(await succeed("./lab logs azurite")).toContain("Azurite Blob service");
      const pidOf = async (name: string) =>
        (await status()).parts.find((part) => part.name === name)?.pid;
      const before = await pidOf("PostgreSQL");
      await succeed("./lab restart postgres");
      expect(await pidOf("PostgreSQL")).not.toBe(before);
      expect(await sql("SELECT count(*) FROM audit_lab.a")).toBe("1000");
      await succeed("./lab restart azurite");
      expect(
        (await status()).parts.every(({ state }) => ["healthy", "installed"].includes(state)),
      ).toBe(true);
    });
  });

  describe("./lab env", () => {
    it("can be undone: nothing of the lab is left in the shell", async () => {
      const printed = await succeed(
        'before=$(env | sort); eval "$(./lab env)"; [ -n "$ARM_CLIENT_ID" ]; eval "$(./lab env --unset)"; ' +
          'diff <(echo "$before" | grep -v ^_=) <(env | sort | grep -v ^_=) && echo same',
      );
      expect(printed).toBe("same");
    });
  });

  describe("the lab's stack by its full name, which is a stack like any other", () => {
    const psql = './lab psql --stack organization/pg-audit-lab/local -XAtc "SELECT 1"';

    it("is used with the pulumi and the passphrase of the shell", async () => {
      expect(await succeed(`eval "$(./lab env)"; ${psql}`)).toBe("1");
    });

    it("says how to give the passphrase, which Pulumi can't ask for", async () => {
      const { exitCode, all } = await run(
        `eval "$(./lab env)"; unset PULUMI_CONFIG_PASSPHRASE_FILE; ${psql}`,
      );
      expect(exitCode).toBe(1);
      expect(all).toContain("export PULUMI_CONFIG_PASSPHRASE_FILE=");
    });
  });
}
