import { EventHub } from "../../../components/event-hub";
import { LogAnalytics } from "../../../components/log-analytics";
import { PLACEMENT, record } from "../support/record";

const serverId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/own";
const LOG = { ...PLACEMENT, serverId, logCategories: ["PostgreSQLLogs", "PostgreSQLFlexSessions"] };
const LOGS = LOG.logCategories.map((category) => ({ category, enabled: true }));

describe("Log Analytics", () => {
  const recorded = record(() => {
    new LogAnalytics("log-analytics", LOG);
  });

  test("gets the server's log in the category's own table", async () => {
    const { inputs } = (await recorded).get("log-analytics-diagnostic-setting");
    expect(inputs).toMatchObject({
      resourceUri: serverId,
      workspaceId: expect.stringContaining("/workspaces/log-analytics") as unknown,
      logAnalyticsDestinationType: "Dedicated",
      logs: LOGS,
    });
    expect(inputs).not.toHaveProperty("storageAccountId");
  });

  test("has the functions of docs/kql, each after the one that it uses", async () => {
    const recorder = await recorded;
    const lines = recorder.get("log-analytics-PgAuditLines");
    const decoded = recorder.get("log-analytics-PgAudit");
    expect(lines.inputs.query).toContain("PGSQLServerLogs");
    expect(decoded.inputs).toMatchObject({
      functionAlias: "PgAudit",
      query: expect.stringMatching(/\nPgAuditLines\n/) as unknown,
    });
    expect(decoded.after).toContain("log-analytics-PgAuditLines");
  });

  test("replaces a changed function, which Azure doesn't let azure-native update", async () => {
    const { replaceOnChanges, deleteBeforeReplace } = (await recorded).get("log-analytics-PgAudit");
    expect({ replaceOnChanges, deleteBeforeReplace }).toEqual({
      replaceOnChanges: ["*"],
      deleteBeforeReplace: true,
    });
  });

  test("has an alert for each rule of single records that reports what it finds", async () => {
    const recorder = await recorded;
    const alerts = recorder.ofType("azure-native:monitor:ScheduledQueryRule");
    const found = alerts.map(({ inputs }) => [inputs.displayName, inputs.severity]);
    expect(found).toHaveLength(13);
    expect(found).toEqual(
      expect.arrayContaining([
        ["PostgreSQL audit: COPY with a program of the server", 0],
        ["PostgreSQL audit: Settings of the audit changed", 1],
        ["PostgreSQL audit: Privileges granted or revoked", 3],
      ]),
    );
    expect(found.flat()).not.toContain("PostgreSQL audit: Failed login");
    for (const { inputs, after } of alerts) {
      expect(after).toContain("log-analytics-PgAudit");
      // Records arrive minutes after their time.
      expect(inputs).toMatchObject({ evaluationFrequency: "PT15M", windowSize: "PT30M" });
      expect(inputs.criteria).toMatchObject({
        allOf: [{ query: expect.stringMatching(/^PgAudit\n\|/) as unknown, threshold: 0 }],
      });
    }
  });
});

test("an event hub gets the server's log by a rule with the rights that Azure asks for", async () => {
  const recorder = await record(() => {
    new EventHub("event-hub", LOG);
  });
  expect(recorder.get("event-hub-rule").inputs.rights).toEqual(["Listen", "Manage", "Send"]);
  expect(recorder.get("event-hub").inputs).toMatchObject({ minimumTlsVersion: "1.2" });
  expect(recorder.get("event-hub-diagnostic-setting").inputs).toMatchObject({
    resourceUri: serverId,
    eventHubAuthorizationRuleId: expect.stringContaining(
      "/authorizationRules/diagnostic-setting",
    ) as unknown,
    eventHubName: "postgresql-logs",
    logs: LOGS,
  });
});
