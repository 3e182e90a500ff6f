import { existingServerProblems, restartAnnouncement } from "../../../components/existing-server";
import { type ProgramRun, runProgram } from "../support/program";
import { EXISTING_PARAMETERS, SECRETS, SUBSCRIPTION } from "../support/recorder";

const id = (name: string, subscription = SUBSCRIPTION) =>
  `/subscriptions/${subscription}/resourceGroups/OWN/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

/** Runs the program for a server that exists already. */
function runFor(
  settings: Record<string, unknown> = {},
  postgres: Record<string, unknown> = {},
): Promise<ProgramRun> {
  return runProgram({
    postgresNetworkAccess: "public",
    postgres: {
      existingServerId: id("team-db"),
      administratorPassword: SECRETS.existingPassword,
      ...postgres,
    },
    ...settings,
  });
}

const EXTENSION = "audit-extension-team-db";
const FORMER = "postgres-former-parameters-team-db";

const ofAzure = ({ recorder }: ProgramRun, type: string) =>
  recorder.ofType(`azure-native:dbforpostgresql:${type}`);

test("an existing server keeps its lists of libraries and extensions, which are extended", async () => {
  const { recorder } = await runFor({ extensions: ["uuid-ossp"] });
  const value = (name: string) => recorder.get(name).inputs.value;
  expect(value("postgres-azure-extensions")).toBe("pg_trgm,PLPGSQL,PGAUDIT,UUID-OSSP");
  expect(value("postgres-shared-preload-libraries")).toBe(
    `${EXISTING_PARAMETERS.shared_preload_libraries},pgaudit`,
  );
  expect(recorder.get("postgres-pgaudit-log").inputs).toMatchObject({
    resourceGroupName: "OWN",
    serverName: "team-db",
  });
});

test("nothing is created on it but what auditing needs, and its former values are read first", async () => {
  const run = await runFor();
  for (const type of ["Server", "Database"]) expect(ofAzure(run, type)).toEqual([]);
  const { recorder } = run;
  expect(recorder.resources.map(({ name }) => name)).not.toContain("administrator-password");
  const configurations = ofAzure(run, "Configuration");
  for (const { name, retainOnDelete } of configurations) {
    expect(recorder.waitsFor(name, FORMER)).toBe(true);
    // azure-native would set Azure's default, not the former value.
    expect([name, retainOnDelete]).toEqual([name, true]);
  }
  const former = recorder.get(FORMER).inputs;
  expect(former.delete).toContain(`former-parameters.ts '${id("team-db")}' restore`);
  const remembered = JSON.parse(former.stdin as string) as { name: string }[];
  expect(remembered.map(({ name }) => name).sort()).toEqual(
    configurations.map(({ inputs }) => inputs.configurationName).sort(),
  );
});

test("the extension is created in all databases or those named, and dropped on destroy", async () => {
  const { recorder } = await runFor();
  const all = recorder.get(EXTENSION);
  expect(all.inputs.environment).toMatchObject({
    PGHOST: "team-db.postgres.database.azure.com",
    PGUSER: "dba",
    SQL: "CREATE EXTENSION IF NOT EXISTS pgaudit;",
    REMOVAL_SQL: "DROP EXTENSION IF EXISTS pgaudit;",
    SQL_DATABASES: "",
    VM_HOST: "192.0.2.10",
  });
  expect(all.inputs.delete).toBe("node --import tsx scripts/run-sql.ts remove");
  // It changes the server, so it is undone before the VM is deleted.
  expect(all.deletedWith).toBe("");
  expect(recorder.waitsFor(EXTENSION, "vm")).toBe(true);
  expect(all.visible.stdin).toBe("[secret]");
  expect(JSON.parse(String(all.inputs.stdin))).toEqual({
    password: SECRETS.existingPassword,
    vmPrivateKey: SECRETS.privateKey,
  });
  const named = (await runFor({}, { databases: ["orders", "odd name"] })).recorder;
  expect(named.get(EXTENSION).inputs.environment).toMatchObject({
    SQL_DATABASES: '["orders","odd name"]',
  });
});

test("another server has steps of its own, so that the former one's are undone there", async () => {
  const steps = async (server: string) =>
    (
      await runFor({ attendees: ["alice"] }, { existingServerId: id(server) })
    ).recorder.resources.filter(({ inputs }) => /run-sql|former-param/.test(String(inputs.delete)));
  const urns = async (server: string) =>
    (await steps(server)).map(({ type, name }) => `${type} ${name}`);
  expect(await urns("team-db")).toEqual([
    `command:local:Command ${FORMER}`,
    ...["command:local:Command audit-extension-team-db"],
    ...["command:local:Command attendees-alice-user-team-db"],
  ]);
  const others = await urns("other-db");
  for (const urn of await urns("team-db")) expect(others).not.toContain(urn);
  // Azure ignores the letter case.
  expect(await urns("Team-DB")).toEqual(await urns("team-db"));
  // An update: a replacement would undo the step after it was done again.
  for (const { inputs } of await steps("team-db")) expect(inputs.triggers).toBeUndefined();
});

test("the preview announces the one restart, and what happens without permission", async () => {
  const change = 'shared_preload_libraries ("pg_cron" -> "pg_cron,pgaudit")';
  expect(restartAnnouncement("team-db", [], true)).toBeUndefined();
  expect(restartAnnouncement("team-db", [change], true)).toBe(
    `The server team-db needs one restart, for ${change}: pulumi up restarts it, and open connections end.`,
  );
  expect(restartAnnouncement("team-db", [change], false)).toMatch(
    /writes the parameters and then fails, because allowRestart is false/,
  );
  const restart = async (allowRestart: boolean) =>
    (await runFor({ allowRestart })).recorder.get("postgres-restart").inputs.create;
  expect(await restart(true)).toMatch(/ --only shared_preload_libraries$/);
  expect(await restart(false)).toMatch(/ --only shared_preload_libraries --forbidden$/);
});

test("a public server opens to the VM; without a VM to the operators", async () => {
  const rules = async (settings: Record<string, unknown>) =>
    ofAzure(await runFor(settings), "FirewallRule").map(({ inputs }) => [
      inputs.firewallRuleName,
      inputs.startIpAddress,
      inputs.endIpAddress,
    ]);
  expect(await rules({})).toEqual([["pg-audit-lab-vm", "192.0.2.10", "192.0.2.10"]]);
  expect(await rules({ vm: false })).toEqual([
    ["pg-audit-lab-operators-1", "203.0.113.7", "203.0.113.7"],
    ["pg-audit-lab-operators-2", "198.51.100.0", "198.51.100.255"],
  ]);
});

test("without a VM there is none of its resources, and SQL runs from the machine with Pulumi", async () => {
  const { recorder, outputs } = await runFor({ vm: false });
  const types = recorder.resources.map(({ type }) => type);
  expect(types.filter((type) => /compute|network:|remote|tls/.test(type))).toEqual([]);
  // The same resource as with a VM, so that a change of `vm` updates it.
  const { inputs, visible } = recorder.get(EXTENSION);
  expect(Object.keys(inputs.environment as object)).not.toContain("VM_HOST");
  expect(visible.stdin).toBe("[secret]");
  expect(Object.keys(outputs)).not.toContain("sshCommand");
  expect(outputs).toMatchObject({ serverId: id("team-db"), databaseName: "postgres" });
});

describe("a server is refused with what to do", () => {
  const fit = {
    location: "westeurope",
    postgresNetworkAccess: "public",
    vm: true,
    vmSubnetId: "",
  } as const;
  const isPrivate = { network: { publicNetworkAccess: "Disabled" } } as const;
  const found = {
    location: "West Europe",
    state: "Ready",
    network: { publicNetworkAccess: "Enabled" },
  } as Parameters<typeof existingServerProblems>[1];

  test("but one that fits isn't", () => {
    expect(existingServerProblems(fit, found)).toEqual([]);
    const inItsNetwork = { ...fit, postgresNetworkAccess: "private", vmSubnetId: "/s" } as const;
    expect(existingServerProblems(inItsNetwork, { ...found, ...isPrivate })).toEqual([]);
  });

  test.each([
    [
      "another region",
      { ...fit, location: "northeurope" },
      found,
      /pulumi config set location westeurope/,
    ],
    ["a stopped server", fit, { ...found, state: "Stopped" }, /is Stopped: start it/],
    [
      "a server with private access",
      fit,
      { ...found, ...isPrivate },
      /set postgresNetworkAccess private\n.*set vmSubnetId ID\).*set vm false/,
    ],
  ])("%s", (_, config, server, message) => {
    expect(existingServerProblems(config, server).join("\n")).toMatch(message);
  });
});
