/**
 * The whole lab on local Azure, as a person brings it up, uses it and takes it down: with this clone's own .lab,
 * so no lab may be up when it starts. The tests build on one another.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type TrailStatus } from "../../cli/access/trail-status";
import { type LabStatus } from "../../cli/lab/lab-status";
import { readFileIfExists } from "../../common/files";
import { PROJECT_ROOT } from "../../local/paths";
import { pollUntil } from "../../common/poll";
import { shellQuote } from "../../common/shell-quote";
import { type LogRecord } from "../../audit/record";
import {
  configurationWith,
  isAuditedInTheMount,
  previewSteps,
  updateWith,
} from "./configuration-change";
import { Background, onVm, output, pulumi, run, sql, succeed } from "./lab-driver";

const MINUTE = 60_000;
jest.setTimeout(20 * MINUTE);

const status = async (): Promise<LabStatus & { readonly trail?: TrailStatus }> =>
  JSON.parse(await succeed("./lab status --json")) as LabStatus;

beforeAll(async () => {
  if ((await status()).isUp) {
    throw new Error("A lab is up in this clone; take it down first: ./lab down");
  }
});

afterAll(async () => {
  await run("./lab down --force");
});

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
    // The steps' output is progress, not a result.
    expect(printed).not.toContain("Diagnostics:");
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

describe("./lab status", () => {
  it("shows what runs, whether it is healthy, and what is a stand-in", async () => {
    const { isUp, parts, resourceManager, trail } = await status();
    expect(isUp).toBe(true);
    const healthy = parts.filter(({ state }) => state === "healthy").map(({ name }) => name);
    expect(healthy).toEqual(["local Azure", "Azurite", "PostgreSQL", "VM"]);
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
});

describe("./lab ssh", () => {
  it("takes one word as a line for the shell, and several as they are", async () => {
    expect(await succeed("./lab ssh 'sudo ls / | head -n 1'")).toBe("bin");
    expect(await succeed("./lab ssh echo 'a  b' '$HOME'")).toBe("a  b $HOME");
  });

  it("leaves no key and no process behind when its terminal is closed", async () => {
    const folders = () =>
      fs.readdirSync(os.tmpdir()).filter((name) => /^pg-audit-lab-\w{6}$/.test(name));
    const before = folders();
    const session = new Background("./lab ssh 'echo started; sleep 600'");
    await session.waitFor(/started/, 60);
    const [folder = ""] = folders().filter((name) => !before.includes(name));
    expect(fs.readdirSync(path.join(os.tmpdir(), folder))).not.toContain("key");
    session.hangUp();
    await pollUntil(() => !folders().includes(folder), {
      what: "the session's folder to be removed",
      timeoutSeconds: 30,
    });
    expect((await run(`pgrep --full -- ${folder}`)).stdout).toBe("");
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
      (await status()).parts.every(({ state }) => !["silent", "stopped"].includes(state)),
    ).toBe(true);
  });
});

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
    expect((await onVm(show)).trim().split("\n").sort()).toEqual([
      "Restart=on-failure",
      "StartLimitIntervalUSec=0",
    ]);
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
    const steps = await updateWith("postgres-18", `${NINE}\n  pg-audit-lab:postgresVersion: "18"`);
    expect(steps).toContain("replace postgres");
    expect(await sql("SHOW server_version_num")).toMatch(/^18/);
    await isAuditedInTheMount("on_new_server");
    const old = "CREATE TABLE,TABLE,public.on_new_vm,";
    expect(await onVm(`sudo grep -rhF '${old}' ${await output("mountPath")}`)).toContain(old);
  });

  it("location gives a new network, storage account, server and VM that work", async () => {
    const steps = await updateWith("northeurope", "  pg-audit-lab:location: northeurope");
    for (const name of ["network", "storage", "postgres", "vm"]) {
      expect(steps).toContain(`replace ${name}`);
    }
    await isAuditedInTheMount("in_new_region");
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
      `grep -rlaF -e ${secrets.map(shellQuote).join(" -e ")} ${places.join(" ")} /proc/[0-9]*/cmdline 2>/dev/null | grep -v /proc/self`,
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

describe("./lab down", () => {
  it("destroys the lab and leaves nothing", async () => {
    const { parts } = await status();
    const pids = parts.flatMap(({ pid }) => pid ?? []);
    expect(pids).toHaveLength(4);
    await succeed("./lab down");
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
