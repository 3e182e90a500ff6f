import { AuditedPostgres } from "../../../components/audited-postgres";
import { labServer, type LabServerArgs } from "../../../components/lab-server";
import { LabNetwork } from "../../../components/network";
import { labConfig } from "../support/project-config";
import { PLACEMENT, record } from "../support/record";
import { CREATED_AT, type Recorder, SUBSCRIPTION } from "../support/recorder";

const SERVER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/PG-WORKSHOP/providers/Microsoft.DBforPostgreSQL/flexibleServers/psqlflexiabcdefghijklm`;

function createPostgres(
  settings: Record<string, unknown> = {},
  args: Partial<LabServerArgs> = {},
): void {
  const config = labConfig({ postgresVersion: "15", ...settings });
  const postgres = new AuditedPostgres("postgres", {
    config,
    server: labServer({ ...PLACEMENT, place: PLACEMENT, config, addresses: [], ...args }),
    storageAccountId: "/account",
  });
  postgres.createDynamicParameters(postgres.loaded);
}

const VM = [{ name: "vm", start: "192.0.2.10", end: "192.0.2.10" }];

/** Names of the resources that write to the server, in their order of dependency. */
function chain(recorder: Recorder, last: string): string[] {
  const direct = recorder.get(last).after.filter((name) => name !== "postgres");
  return direct.length === 0 ? [last] : [...direct.flatMap((name) => chain(recorder, name)), last];
}

describe("an audited server", () => {
  test("has its parameters in one chain: wait, allow-list, static, one restart, dynamic", async () => {
    const recorder = await record(() =>
      createPostgres({ serverParameters: { max_connections: "100", work_mem: "8192" } }),
    );
    expect(chain(recorder, "postgres-work-mem")).toEqual([
      "postgres-wait-until-writable",
      "postgres-database",
      "postgres-azure-extensions",
      "postgres-shared-preload-libraries",
      "postgres-max-connections",
      "postgres-restart",
      "postgres-log-line-prefix",
      "postgres-pgaudit-log",
      "postgres-pgaudit-log-relation",
      "postgres-work-mem",
    ]);
    expect(recorder.get("postgres-work-mem").inputs).toMatchObject({
      configurationName: "work_mem",
      value: "8192",
      source: "user-override",
    });
  });

  test("restarts only for another server or a changed static value", async () => {
    const triggers = async (settings: Record<string, unknown>) =>
      (await record(() => createPostgres(settings))).get("postgres-restart").inputs.triggers;
    const before = await triggers({});
    expect(before).toEqual([
      SERVER_ID,
      // Differs for a new server of the same name.
      CREATED_AT,
      "shared_preload_libraries=pg_cron,pg_stat_statements,pgaudit",
    ]);
    expect(await triggers({ serverParameters: { "pgaudit.log": "DDL" } })).toEqual(before);
    expect(await triggers({ extensions: ["pg_trgm"] })).toEqual(before);
    expect(await triggers({ serverParameters: { max_connections: "100" } })).toEqual([
      ...(before as string[]),
      "max_connections=100",
    ]);
  });

  test.each([
    ["waits for a busy server", "postgres-wait-until-writable", "wait-until-writable"],
    ["restarts", "postgres-restart", "restart-if-pending"],
  ])("%s by a script with the server's id", async (_, name, script) => {
    const { inputs } = (await record(() => createPostgres())).get(name);
    expect(inputs.create).toBe(`node --import tsx scripts/${script}.ts '${SERVER_ID}'`);
    expect(inputs.triggers).toContain(SERVER_ID);
    expect(inputs).not.toHaveProperty("delete");
    expect(inputs.addPreviousOutputInEnv).toBe(false);
  });

  test("is inside the network and has no firewall rule if it is private", async () => {
    const recorder = await record(() => {
      const network = new LabNetwork("network", {
        ...PLACEMENT,
        config: labConfig(),
      });
      createPostgres({}, { privateNetwork: network.privatePostgres, addresses: VM });
    });
    const { inputs } = recorder.get("postgres");
    expect(inputs.network).toEqual({
      delegatedSubnetResourceId: expect.stringContaining(
        "/subnets/network-postgres-subnet",
      ) as unknown,
      privateDnsZoneArmResourceId: expect.stringMatching(
        /private\.postgres\.database\.azure\.com$/,
      ) as unknown,
    });
    // Its name resolves on the VM once the zone is linked.
    expect(recorder.get("postgres").after).toContain("network-zone-link");
    expect(recorder.ofType("azure-native:dbforpostgresql:FirewallRule")).toEqual([]);
  });

  test("is open to the VM's address only if it is public", async () => {
    const recorder = await record(() => createPostgres({}, { addresses: VM }));
    expect(recorder.get("postgres").inputs.network).toEqual({ publicNetworkAccess: "Enabled" });
    const rules = recorder.ofType("azure-native:dbforpostgresql:FirewallRule");
    expect(rules.map(({ inputs }) => [inputs.startIpAddress, inputs.endIpAddress])).toEqual([
      ["192.0.2.10", "192.0.2.10"],
    ]);
    // Writes to one server don't overlap: the rule waits for the database, the parameters wait for the rule.
    expect(chain(recorder, "postgres-azure-extensions")).toEqual([
      "postgres-wait-until-writable",
      "postgres-database",
      "postgres-vm-firewall-rule",
      "postgres-azure-extensions",
    ]);
  });

  test.each([
    ["Standard_B1ms", "Burstable"],
    ["Standard_D2ds_v5", "GeneralPurpose"],
    ["Standard_E2ds_v5", "MemoryOptimized"],
  ])("of size %s is of tier %s", async (skuName, tier) => {
    const { inputs } = (await record(() => createPostgres({ postgresSkuName: skuName }))).get(
      "postgres",
    );
    expect(inputs.sku).toEqual({ name: skuName, tier });
  });

  test("sends the configured categories", async () => {
    const logCategories = ["PostgreSQLLogs", "PostgreSQLFlexSessions"];
    const recorder = await record(() => createPostgres({ logCategories }));
    expect(recorder.get("postgres-diagnostic-setting").inputs.logs).toEqual(
      logCategories.map((category) => ({ category, enabled: true })),
    );
    const groups = await record(() => createPostgres({ logCategories: ["allLogs"] }));
    expect(groups.get("postgres-diagnostic-setting").inputs.logs).toEqual([
      { categoryGroup: "allLogs", enabled: true },
    ]);
  });
});
