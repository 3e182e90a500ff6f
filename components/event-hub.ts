import * as eventhub from "@pulumi/azure-native/eventhub";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import { componentType } from "./component";
import { logSettings, type ServerLogArgs } from "./server-log";

/** An event hub that gets the server's log, for a SIEM or a program of your own. Its diagnostic setting is a further one. */
export class EventHub extends pulumi.ComponentResource {
  readonly namespaceName: pulumi.Output<string>;
  readonly eventHubName: pulumi.Output<string>;

  constructor(name: string, args: ServerLogArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EventHub"), name, {}, opts);
    const { resourceGroupName, location, tags } = args;
    const namespace = new eventhub.Namespace(
      name,
      {
        ...{ resourceGroupName, location, tags },
        // The cheapest one in which each reader has a consumer group of its own.
        sku: { name: "Standard", tier: "Standard", capacity: 1 },
        minimumTlsVersion: "1.2",
      },
      { parent: this },
    );
    const part = { parent: this, deletedWith: namespace };
    const hub = new eventhub.EventHub(
      `${name}-hub`,
      {
        resourceGroupName,
        namespaceName: namespace.name,
        eventHubName: "postgresql-logs",
        partitionCount: 2,
        messageRetentionInDays: 1,
      },
      part,
    );
    const rule = new eventhub.NamespaceAuthorizationRule(
      `${name}-rule`,
      {
        resourceGroupName,
        namespaceName: namespace.name,
        authorizationRuleName: "diagnostic-setting",
        // All three, though it only sends. Source: Azure Monitor, "Diagnostic settings", destination limitations.
        rights: ["Listen", "Manage", "Send"],
      },
      part,
    );
    new monitor.DiagnosticSetting(
      `${name}-diagnostic-setting`,
      {
        name: "postgresql-logs-to-event-hub",
        resourceUri: args.serverId,
        eventHubAuthorizationRuleId: rule.id,
        eventHubName: hub.name,
        logs: logSettings(args.logCategories),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.namespaceName = namespace.name;
    this.eventHubName = hub.name;
    this.registerOutputs({ eventHubName: this.eventHubName });
  }
}
