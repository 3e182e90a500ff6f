import { SPECS } from "../../local/provider/azure-native/specs";
import { runProgram, type ProgramRun } from "./support/program";
import { ED25519_KEY, RSA_KEY } from "./support/ssh-keys";
import {
  CREATED_AT,
  PUBLIC_KEYS,
  type Registration,
  SECRETS,
  SUBSCRIPTION,
  VM_ID,
} from "./support/recorder";

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/PG-WORKSHOP`;
const SERVER_ID = `${GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psqlflexiabcdefghijklm`;

describe("the program in the dev stack", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram();
  });
  const get = (name: string): Registration => run.recorder.get(name);
  const waitsFor = (name: string, other: string) => run.recorder.waitsFor(name, other);

  test("declares exactly these resources", () => {
    const declared = run.recorder.resources.map(({ type, name }) => `${type} ${name}`);
    expect(declared.sort()).toEqual([
      "azure-native:compute:VirtualMachine vm",
      "azure-native:dbforpostgresql:Configuration postgres-azure-extensions",
      "azure-native:dbforpostgresql:Configuration postgres-log-line-prefix",
      "azure-native:dbforpostgresql:Configuration postgres-pgaudit-log",
      "azure-native:dbforpostgresql:Configuration postgres-pgaudit-log-relation",
      "azure-native:dbforpostgresql:Configuration postgres-shared-preload-libraries",
      "azure-native:dbforpostgresql:Database postgres-database",
      "azure-native:dbforpostgresql:Server postgres",
      "azure-native:devtestlab:GlobalSchedule vm-auto-shutdown",
      "azure-native:monitor:DiagnosticSetting postgres-diagnostic-setting",
      "azure-native:network:NetworkInterface network-nic",
      "azure-native:network:NetworkSecurityGroup network-nsg",
      "azure-native:network:PublicIPAddress network-ip",
      "azure-native:network:Subnet network-postgres-subnet",
      "azure-native:network:Subnet network-vm-subnet",
      "azure-native:network:VirtualNetwork network",
      "azure-native:privatedns:PrivateZone network-zone",
      "azure-native:privatedns:VirtualNetworkLink network-zone-link",
      "azure-native:resources:ResourceGroup resource-group",
      "azure-native:storage:BlobContainer storage-container",
      "azure-native:storage:BlobServiceProperties retention-soft-delete",
      "azure-native:storage:StorageAccount storage",
      "command:local:Command audit-extension",
      "command:local:Command audit-settings-of-others",
      "command:local:Command postgres-restart",
      "command:local:Command postgres-wait-until-writable",
      "command:remote:Command install-psql",
      "command:remote:Command mount-build-cache",
      "command:remote:Command mount-install-audit-tail",
      "command:remote:Command mount-install-blobfuse",
      "command:remote:Command mount-mount-container",
      "command:remote:Command mount-mount-uncached",
      "command:remote:Command mount-write-config",
      "command:remote:Command vm-scripts-folder",
      "command:remote:Command vm-scripts-written",
      "command:remote:CopyToRemote vm-scripts",
      "random:index/randomPassword:RandomPassword administrator-password",
      "random:index/randomString:RandomString postgres-suffix",
      "random:index/randomString:RandomString suffix",
      "tls:index/privateKey:PrivateKey vm-ed25519-host-key",
      "tls:index/privateKey:PrivateKey vm-host-key",
      "tls:index/privateKey:PrivateKey vm-rsa-host-key",
      "tls:index/privateKey:PrivateKey vm-sign-in-key",
    ]);
  });

  test("local Azure has every one of its Azure types", () => {
    const azure = run.recorder.resources.filter(({ type }) => type.startsWith("azure-native:"));
    expect(azure.filter(({ type }) => !SPECS.has(type))).toEqual([]);
  });

  test("replaces a machine or server for a change that Azure refuses in place", () => {
    expect(get("vm").replaceOnChanges).toEqual([
      ...["osProfile", "securityProfile", "storageProfile.imageReference", "networkProfile"],
    ]);
    expect(get("postgres").replaceOnChanges).toEqual([
      "version",
      "network.delegatedSubnetResourceId",
    ]);
  });

  test("gives a replaced server another name, since Azure keeps the old one's", () => {
    expect(get("postgres").after).toContain("postgres-suffix");
    expect(get("postgres-suffix").inputs.keepers).toEqual({
      location: "westeurope",
      resourceGroupName: "PG-WORKSHOP",
      administratorLogin: "pgadmin",
      networkAccess: "private",
      version: "17",
    });
  });

  test("names the server, its administrator and its database as the original workshop does", () => {
    expect(get("postgres").inputs).toMatchObject({
      resourceGroupName: "PG-WORKSHOP",
      serverName: "psqlflexiabcdefghijklm",
      administratorLogin: "pgadmin",
      administratorLoginPassword: SECRETS.password,
      version: "17",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      storage: { storageSizeGB: 32 },
    });
    expect(get("postgres-database").inputs).toMatchObject({
      databaseName: "pgbench",
      serverName: "psqlflexiabcdefghijklm",
    });
  });

  test("starts server, storage and VM together", () => {
    for (const one of ["postgres", "storage", "vm"]) {
      for (const other of ["postgres", "storage", "vm"]) {
        expect([one, other, waitsFor(one, other)]).toEqual([one, other, false]);
      }
    }
  });

  test("installs psql and blobfuse on the VM while the server is created", () => {
    for (const step of ["install-psql", "mount-install-blobfuse"]) {
      expect([step, waitsFor(step, "postgres")]).toEqual([step, false]);
    }
    // A child waits for its component, so a component that waits delays all its children.
    for (const { name, custom, after } of run.recorder.registrations) {
      if (!custom) expect([name, after]).toEqual([name, []]);
    }
  });

  test("creates the extension through the VM, after the restart and the database, and audits after that", () => {
    expect(waitsFor("audit-extension", "postgres-restart")).toBe(true);
    expect(waitsFor("postgres-pgaudit-log", "audit-extension")).toBe(true);
    expect(get("audit-extension").after).toEqual(
      expect.arrayContaining(["vm-scripts-written", "postgres-database"]),
    );
    expect(get("audit-extension").inputs.environment).toEqual({
      PGHOST: "psqlflexiabcdefghijklm.postgres.database.azure.com",
      PGPORT: "5432",
      PGUSER: "pgadmin",
      SQL: "CREATE EXTENSION IF NOT EXISTS pgaudit;",
      REMOVAL_SQL: "",
      SQL_DATABASES: '["pgbench"]',
      SERVER_CREATED_AT: CREATED_AT,
      VM_HOST: "192.0.2.10",
      VM_PORT: "22",
      VM_USER: "azureuser",
      VM_HOST_KEY: PUBLIC_KEYS.ECDSA,
    });
  });

  test("mounts the container after it, blobfuse, the cache and the configuration exist", () => {
    expect(get("storage-container").inputs).toMatchObject({
      containerName: "insights-logs-postgresqllogs",
      publicAccess: "None",
    });
    const before = ["mount-install-blobfuse", "mount-build-cache", "mount-write-config"];
    expect(get("mount-mount-container").after).toEqual(
      expect.arrayContaining(["storage-container", ...before]),
    );
    expect(waitsFor("mount-mount-container", "postgres")).toBe(false);
  });

  test("opens SSH to the configured addresses only, and nothing to all addresses", () => {
    expect(get("network-nsg").inputs.securityRules).toEqual([
      expect.objectContaining({
        access: "Allow",
        direction: "Inbound",
        destinationPortRange: "22",
        sourceAddressPrefixes: ["203.0.113.7/32", "198.51.100.0/24"],
      }),
    ]);
    for (const { inputs } of run.recorder.resources) {
      expect(JSON.stringify(inputs)).not.toMatch(/"0\.0\.0\.0|"Internet"|"sourceAddressPrefix"/);
    }
  });

  test("shows no secret: not in a command, a name, a trigger or any other plain input", () => {
    for (const { visible } of run.recorder.resources) {
      for (const secret of Object.values(SECRETS)) {
        expect(JSON.stringify(visible)).not.toContain(JSON.stringify(secret).slice(1, -1));
      }
    }
    for (const { inputs } of run.recorder.resources.filter(({ type }) => type.includes("ommand"))) {
      const { create, update, delete: remove, triggers } = inputs;
      const shown = JSON.stringify({ create, update, remove, triggers });
      for (const secret of Object.values(SECRETS)) expect(shown).not.toContain(secret.trim());
    }
  });

  test("passes secrets to scripts and to the VM by standard input", () => {
    expect(JSON.parse(String(get("audit-extension").inputs.stdin))).toEqual({
      password: SECRETS.password,
      vmPrivateKey: SECRETS.privateKey,
    });
    expect(get("audit-extension").visible.stdin).toBe("[secret]");
    expect(get("mount-write-config").inputs.stdin).toContain(SECRETS.accountKey);
    expect(get("mount-write-config").visible.stdin).toBe("[secret]");
  });

  test("pins every connection to the VM's generated host key", () => {
    const remote = run.recorder.resources.filter(({ type }) => type.startsWith("command:remote:"));
    expect(remote).toHaveLength(10);
    for (const { inputs } of remote) {
      expect(inputs.connection).toMatchObject({
        host: "192.0.2.10",
        port: 22,
        user: "azureuser",
        hostKey: PUBLIC_KEYS.ECDSA,
        privateKey: SECRETS.privateKey,
      });
      expect(inputs).not.toHaveProperty("environment");
      expect(inputs.addPreviousOutputInEnv).not.toBe(true);
    }
  });

  test("deletes the parts of a server or a machine with it", () => {
    const parts = run.recorder.resources.filter(({ deletedWith }) => deletedWith === "postgres");
    expect(parts.map(({ name }) => name).sort()).toEqual([
      ...[
        "audit-extension",
        "audit-settings-of-others",
        "postgres-azure-extensions",
        "postgres-database",
        "postgres-log-line-prefix",
      ],
      ...["postgres-pgaudit-log", "postgres-pgaudit-log-relation", "postgres-restart"],
      ...["postgres-shared-preload-libraries", "postgres-wait-until-writable"],
    ]);
    for (const { type, deletedWith } of run.recorder.resources) {
      if (type.startsWith("command:remote:")) expect(deletedWith).toBe("vm");
    }
  });

  test("deletes the diagnostic setting itself, before its server", () => {
    const setting = get("postgres-diagnostic-setting");
    expect(setting.deletedWith).toBe("");
    expect(setting.after).toContain("postgres");
    expect(setting.inputs).toMatchObject({
      resourceUri: SERVER_ID,
      storageAccountId: `${GROUP}/providers/Microsoft.Storage/storageAccounts/pgauditlogsabcdefghijklm`,
      logs: [{ category: "PostgreSQLLogs", enabled: true }],
    });
  });

  test("exports the values that people need next, secrets as secrets", () => {
    expect(run.secretOutputs).toEqual(["administratorPassword", "sshPrivateKey"]);
    expect(run.outputs).toMatchObject({
      resourceGroupName: "PG-WORKSHOP",
      portalLink: `https://portal.azure.com/#resource${GROUP}/overview`,
      serverId: SERVER_ID,
      serverFqdn: "psqlflexiabcdefghijklm.postgres.database.azure.com",
      databaseName: "pgbench",
      vmAddress: "192.0.2.10",
      sshPort: 22,
      sshHostKey: PUBLIC_KEYS.ECDSA,
      sshCommand: "./lab ssh --stack dev",
      psqlCommand: "./lab psql --stack dev",
      tailCommand: "./lab ssh --stack dev audit-tail --decode",
      mountPath: "/home/azureuser/mycontainer",
      uncachedMountPath: "/var/lib/pg-audit-lab/uncached/container",
      logFolder: `/home/azureuser/mycontainer/resourceId=${SERVER_ID.toUpperCase()}/$(date -u +y=%Y/m=%m/d=%d/h=%H/m=00)`,
    });
  });
});

test("further keys are written by a step on the VM, so that they don't replace it", async () => {
  const keys = [`${ED25519_KEY} me`, `${RSA_KEY} you`];
  const { recorder } = await runProgram({ sshPublicKeys: keys });
  const { create, stdin } = recorder.get("authorized-keys").inputs;
  expect(create).toMatch(
    new RegExp(
      `^sudo bash \\S+/step\\.sh authorize-keys\\.sh apply azureuser # [0-9a-f]{12} ${VM_ID} $`,
    ),
  );
  expect(stdin).toBe(`${keys.join("\n")}\n`);
  expect(JSON.stringify(recorder.get("vm").inputs)).not.toContain("AAAAC3NzaC1");
});

test("a cloud without a portal has no link to it", async () => {
  process.env.ARM_METADATA_HOSTNAME = "127.0.0.1:8443";
  try {
    expect((await runProgram()).outputs).not.toHaveProperty("portalLink");
  } finally {
    delete process.env.ARM_METADATA_HOSTNAME;
  }
});

test("the local stack differs from the dev stack by configuration only", async () => {
  const dev = await runProgram();
  const local = await runProgram({}, "local");
  const names = ({ recorder }: ProgramRun) => recorder.resources.map(({ name }) => name).sort();
  expect(names(local)).toEqual(names(dev));
  expect(local.recorder.get("mount-build-cache").inputs.create).toContain(
    "/var/cache/blobfuse2 256m",
  );
  expect(local.recorder.get("audit-extension").inputs.environment).toMatchObject({
    VM_PORT: "2222",
  });
});

test("a wrong configuration ends the program before its first resource", async () => {
  await expect(runProgram({ sshSourceAddressPrefixes: ["0.0.0.0/0"], sshPort: 0 })).rejects.toThrow(
    /2 problems/,
  );
});
