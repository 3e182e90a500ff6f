import * as monitor from "@pulumi/azure-native/monitor";
import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import { type AlertRule, alertRules } from "./alert-rules";
import { componentType } from "./component";
import { logSettings, type ServerLogArgs } from "./server-log";

/** Files of docs/kql; the second function uses the first. */
const FUNCTIONS = ["PgAuditLines", "PgAudit"];

/** Azure stores 31 days without a charge. Source: Azure Monitor, "Cost calculations and options", data retention. */
const RETENTION_DAYS = 31;

/** How often an alert's rule is evaluated, ISO 8601; Azure bills a rule by it. */
const FREQUENCY = "PT15M";

/**
 * What an evaluation looks at: twice the frequency, since records arrive minutes after their time. So a record that is up
 * to 15 minutes late isn't missed, and another one is found twice.
 */
const WINDOW = "PT30M";

/**
 * A Log Analytics workspace that gets the server's log, with the functions of docs/kql and the rules of the audit reader as
 * alerts. The diagnostic setting is a further one: a setting has one destination of each kind, a server up to five
 * settings, and a change of this one doesn't touch the trail in the storage account.
 * Source: Azure Monitor, "Diagnostic settings".
 */
export class LogAnalytics extends pulumi.ComponentResource {
  readonly workspaceName: pulumi.Output<string>;
  private readonly workspace: operationalinsights.Workspace;

  constructor(
    private readonly name: string,
    private readonly args: ServerLogArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("LogAnalytics"), name, {}, opts);
    const { resourceGroupName, location, tags } = args;
    this.workspace = new operationalinsights.Workspace(
      name,
      {
        ...{ resourceGroupName, location, tags },
        sku: { name: "PerGB2018" },
        retentionInDays: RETENTION_DAYS,
      },
      { parent: this },
    );
    this.createDiagnosticSetting();
    const functions = this.createFunctions();
    for (const rule of alertRules()) this.createAlert(rule, functions);

    this.workspaceName = this.workspace.name;
    this.registerOutputs({ workspaceName: this.workspaceName });
  }

  /** Of the type Dedicated: Azure writes PostgreSQLLogs to the table PGSQLServerLogs, not to AzureDiagnostics. */
  private createDiagnosticSetting(): void {
    new monitor.DiagnosticSetting(
      `${this.name}-diagnostic-setting`,
      {
        name: "postgresql-logs-to-log-analytics",
        resourceUri: this.args.serverId,
        workspaceId: this.workspace.id,
        logAnalyticsDestinationType: "Dedicated",
        logs: logSettings(this.args.logCategories),
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /** Returns the last one. */
  private createFunctions(): pulumi.Resource {
    return FUNCTIONS.reduce<pulumi.Resource>(
      (previous, functionAlias) =>
        new operationalinsights.SavedSearch(
          `${this.name}-${functionAlias}`,
          {
            resourceGroupName: this.args.resourceGroupName,
            workspaceName: this.workspace.name,
            savedSearchId: functionAlias.toLowerCase(),
            functionAlias,
            category: "PostgreSQL audit",
            displayName: functionAlias,
            query: fs.readFileSync(`docs/kql/${functionAlias}.kql`, "utf8"),
          },
          {
            parent: this,
            dependsOn: [previous],
            deletedWith: this.workspace,
            // Azure refuses an update without an etag (409), which azure-native doesn't send (azure-docs 49275).
            deleteBeforeReplace: true,
            replaceOnChanges: ["*"],
          },
        ),
      this.workspace,
    );
  }

  /** One alert for each evaluation in which the rule finds something. */
  private createAlert(rule: AlertRule, functions: pulumi.Resource): void {
    const { resourceGroupName, location, tags } = this.args;
    new monitor.ScheduledQueryRule(
      `${this.name}-${rule.name}`,
      {
        ...{ resourceGroupName, location, tags },
        ruleName: `${this.name}-${rule.name}`,
        kind: "LogAlert",
        displayName: `PostgreSQL audit: ${rule.title}`,
        description: "A rule of the audit reader: docs/audit-rules.md",
        severity: rule.severity,
        enabled: true,
        scopes: [this.workspace.id],
        evaluationFrequency: FREQUENCY,
        windowSize: WINDOW,
        criteria: {
          allOf: [
            {
              query: rule.query,
              timeAggregation: "Count",
              operator: "GreaterThan",
              threshold: 0,
              failingPeriods: { minFailingPeriodsToAlert: 1, numberOfEvaluationPeriods: 1 },
            },
          ],
        },
        // What was found stays found.
        autoMitigate: false,
        // A new workspace doesn't know its functions and tables at once; the queries are checked by tests.
        skipQueryValidation: true,
      },
      { parent: this, dependsOn: [functions] },
    );
  }
}
