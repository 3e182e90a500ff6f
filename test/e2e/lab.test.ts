/**
 * The whole lab on local Azure, as a person brings it up, uses it and takes it down: with this clone's own .lab,
 * so no lab may be up when it starts. The tests build on one another.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type LabStatus } from "../../cli/lab/lab-status";
import { readFileIfExists } from "../../common/files";
import { PROJECT_ROOT } from "../../local/paths";
import { pollUntil } from "../../common/poll";
import { type LogRecord } from "../../audit/record";
import {
  Background,
  configurationWith,
  onVm,
  previewSteps,
  pulumi,
  quote,
  run,
  sql,
  succeed,
} from "./lab-driver";

const MINUTE = 60_000;
jest.setTimeout(20 * MINUTE);

const status = async (): Promise<LabStatus> =>
  JSON.parse(await succeed("npm run -s lab:status -- --json")) as LabStatus;

const output = async (name: string): Promise<string> =>
  (await succeed(pulumi(`stack output ${name} --show-secrets`))).trim();

beforeAll(async () => {
  if ((await status()).isUp) {
    throw new Error("A lab is up in this clone; take it down first: npm run lab:down");
  }
});

afterAll(async () => {
  await run("npm run lab:down -- --force");
});

describe("with no lab", () => {
  it("says so to whoever wants to sign in", async () => {
    const { exitCode, all } = await run("npm run -s lab:ssh");
    expect(exitCode).toBe(1);
    expect(all).toContain("No lab is up. Start one with `npm run lab`.");
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

describe("npm run lab", () => {
  it("stops in order when it is interrupted, and refuses a second run meanwhile", async () => {
    const lab = new Background("npm run lab");
    await lab.waitFor(/VirtualMachine vm creating/, 15 * 60);
    const second = await run("npm run lab");
    expect(second.exitCode).toBe(1);
    expect(second.all).toContain("Another command is changing this lab");
    expect(await lab.interrupt()).not.toBe(0);
    expect(lab.text).toContain("`npm run lab` goes on from here");
  });

  it("goes on from there and ends with the page's two audit lines", async () => {
    const lines = (await succeed("npm run lab")).trimEnd().split("\n");
    const messages = lines
      .slice(-2)
      .map((line) => (JSON.parse(line) as { properties: { message: string } }).properties.message);
    expect(messages[0]).toMatch(
      /db-pgbench,user-pgadmin,app-psql,client-127\.0\.0\.1 LOG: {2}AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public\.a,CREATE TABLE a\(id int\);,<not logged>$/,
    );
    expect(messages[1]).toMatch(
      /AUDIT: SESSION,2,1,WRITE,INSERT,,,"INSERT into a SELECT generate_series\(1,1000\);",<not logged>$/,
    );
  });

  it("can be run again while the lab is up", async () => {
    expect(await succeed("npm run lab")).toMatch(/\d+ unchanged/);
  });

  it("leaves nothing for a second `pulumi up` to change", async () => {
    await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
    expect(await succeed("git status --porcelain Pulumi.local.yaml")).toBe("");
  });

  it("says what runs, where, and what is a stand-in", async () => {
    const { isUp, parts, resourceManager } = await status();
    expect(isUp).toBe(true);
    const running = parts.filter(({ state }) => state === "running").map(({ name }) => name);
    expect(running).toEqual(["local Azure", "Azurite", "PostgreSQL", "VM"]);
    expect(resourceManager?.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(parts.find(({ name }) => name === "blobfuse2")?.kind).toBeDefined();
  });
});

describe("the audit trail on the VM", () => {
  it("is followed by audit-tail, line by line", async () => {
    const tail = new Background("npm run -s lab:ssh -- audit-tail --from-start");
    try {
      await tail.waitFor(/AUDIT: SESSION/, 60);
      await sql("SELECT 'followed by audit-tail'");
      await tail.waitFor(/READ,SELECT,,,SELECT 'followed by audit-tail'/, 60);
    } finally {
      await tail.interrupt();
    }
  });

  it("is decoded by audit-tail where asked to", async () => {
    const tail = new Background("npm run -s lab:ssh -- audit-tail --decode");
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
    const { exitCode, all } = await run(`npm run -s lab:ssh -- sudo touch ${mount}/x`);
    expect(exitCode).not.toBe(0);
    expect(all).toContain("Read-only file system");
  });

  it("is mounted with a configuration that only root can read", async () => {
    const stat = await onVm("stat -c '%a %U:%G' /etc/pg-audit-lab-blobfuse2.yaml");
    expect(stat.trim()).toBe("600 root:root");
  });

  it("is back after a reboot", async () => {
    const bootId = () => onVm("cat /proc/sys/kernel/random/boot_id");
    const before = await bootId();
    await run("npm run -s lab:ssh -- sudo systemctl reboot");
    await pollUntil(
      async () => {
        const { exitCode, stdout } = await run(
          "npm run -s lab:ssh -- cat /proc/sys/kernel/random/boot_id",
        );
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
    await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
  });
});

describe("npm run lab:audit", () => {
  it("follows: shows a statement that psql runs within 3 seconds of its commit", async () => {
    const reader = new Background("npm run -s lab:audit -- --follow --format json --class WRITE");
    try {
      // The first line shows that it follows; the second one is timed.
      let written = 0;
      await pollUntil(
        async () => {
          await sql(`INSERT INTO a VALUES (${written++}) /* begin */`);
          return reader.text.includes("/* begin */");
        },
        { what: "the reader to follow", timeoutSeconds: 120 },
      );
      const line = reader.waitFor(/^.*timed.*$/m, 60).then((text) => ({ text, at: Date.now() }));
      await sql("INSERT INTO a VALUES (1) /* timed */");
      const { text, at } = await line;
      const record = JSON.parse(text) as LogRecord;
      expect(record).toMatchObject({
        kind: "audit",
        class: "WRITE",
        command: "INSERT",
        user_name: "pgadmin",
        database_name: "pgbench",
        application_name: "psql",
        statement: "INSERT INTO a VALUES (1) /* timed */",
      });
      expect(at - Date.parse(record.time)).toBeLessThan(3000);
    } finally {
      expect(await reader.interrupt()).not.toBe(0);
    }
    expect(reader.text).toMatch(/audit: \d+ records?; \d+ left out by the filters/);
  });

  it("answers a question in SQL about the last hour", async () => {
    const query =
      "select command, object_name from audit where class = 'DDL' and user_name = 'pgadmin'";
    const rows = await succeed(`npm run -s lab:audit -- --format json --sql ${quote(query)}`);
    expect(rows).toContain('"command":"CREATE TABLE","object_name":"public.a"');
  });

  it("is what plain `npm run audit` shows with the lab's environment", async () => {
    const summary = await succeed(
      'eval "$(npm run -s lab:env)" && npm run -s audit -- --stack local --summary --format json',
    );
    expect(JSON.parse(summary)).toMatchObject({ records: expect.any(Number) as number });
  });
});

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

describe("secrets", () => {
  it("stand in no log, no state and no command line", async () => {
    const secrets = [
      await output("administratorPassword"),
      (await output("sshPrivateKey")).split("\n")[2] ?? "",
      fs.readFileSync(path.join(PROJECT_ROOT, ".lab/secrets/client-secret"), "utf8").trim(),
      ...Object.values(storageKeys()).flat(),
    ];
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(20);
    const places = [".lab/state", ".lab/logs", ".lab/run", ".lab/azure/arm.json"];
    const found = await run(
      `grep -rlaF -e ${secrets.map(quote).join(" -e ")} ${places.join(" ")} /proc/[0-9]*/cmdline 2>/dev/null | grep -v /proc/self`,
    );
    // grep's own command line, and that of the shell that started it, hold them for the moment of the search.
    const files = found.stdout.split("\n").filter((file) => file.startsWith(".lab"));
    expect(files).toEqual([]);
  });

  it("stand in files of the VM that only their owner reads", async () => {
    const key = Object.values(storageKeys())[0]?.[0] ?? "";
    // The key goes in by standard input: sudo writes its command line into the journal.
    const listing = await onVm(
      "sudo grep -rlF -f - /etc /home /run /tmp /var/log 2>/dev/null | sudo xargs stat -c '%a %n'",
      key,
    );
    const modes = listing.trim().split("\n");
    expect(modes).toContain("600 /etc/pg-audit-lab-blobfuse2.yaml");
    for (const line of modes) expect(line).toMatch(/^[46]00 /);
  });
});

describe("npm run lab:down", () => {
  it("destroys the lab and leaves nothing", async () => {
    const { parts } = await status();
    const pids = parts.flatMap(({ pid }) => pid ?? []);
    expect(pids).toHaveLength(4);
    await succeed("npm run lab:down");
    expect(pids.filter(isRunning)).toEqual([]);
    const { stdout } = await run('pgrep --full -- "$PWD/.lab" || true');
    expect(stdout).toBe("");
    expect(fs.existsSync(path.join(PROJECT_ROOT, ".lab/azure"))).toBe(false);
    expect((await status()).isUp).toBe(false);
    expect(await succeed("mount | grep -F .lab || true")).toBe("");
  });
});

/** A process that has ended, but whose end nobody has taken note of yet, counts as ended. */
function isRunning(pid: number): boolean {
  const text = readFileIfExists(`/proc/${pid}/stat`);
  return text !== undefined && !/\) Z /.test(text);
}

function storageKeys(): Record<string, string[]> {
  const file = path.join(PROJECT_ROOT, ".lab/secrets/storage-accounts.json");
  return JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, string[]>;
}
