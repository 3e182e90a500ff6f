import { z } from "zod";
import { LogRouting } from "../../backends/log-routing";
import { ArmError } from "../arm-error";
import { ResourceStore } from "../resource-store";
import { PutRequest, resourceType, ResourceType } from "../resource-type";

const TYPE = "Microsoft.Insights/diagnosticSettings";

const BODY = z.strictObject({
  properties: z.strictObject({
    storageAccountId: z.string(),
    logs: z
      .array(
        z.strictObject({
          category: z.string().optional(),
          categoryGroup: z.string().optional(),
          enabled: z.boolean(),
        }),
      )
      .min(1),
  }),
});

type Body = z.infer<typeof BODY>;

/** The one category whose lines local Azure makes; Azure knows these of a flexible server and takes them all. */
export const POSTGRESQL_LOGS = "PostgreSQLLogs";
const CATEGORIES = [
  POSTGRESQL_LOGS,
  "PostgreSQLFlexDatabaseXacts",
  "PostgreSQLFlexQueryStoreRuntime",
  "PostgreSQLFlexQueryStoreWaitStats",
  "PostgreSQLFlexSessions",
  "PostgreSQLFlexTableStats",
];

/**
 * Outlives its server and resource group, and conflicts with the next setting then, as on Azure.
 * Source: azure-docs 100347, terraform-provider-azurerm 19706.
 */
export function diagnosticSetting(routing: LogRouting): ResourceType {
  return resourceType({
    type: TYPE,
    // Microsoft's clients still ask by the older one; what local Azure takes and shows is the same in both.
    apiVersions: ["2021-05-01-preview", "2017-05-01-preview"],
    extends: "resource",
    schema: BODY,
    diesWithParent: false,
    validate: (request) => {
      requireCategories(request.body);
      requireStorageAccount(request);
      requireFreeSink(request);
    },
    put: ({ id, body, scope = "", store }) => {
      const { storageAccountId, logs } = body.properties;
      routing.set(scope, sinkOf(body.properties) ?? otherSink(store, id));
      return {
        properties: {
          storageAccountId,
          logs: logs.map((log) => ({
            categoryGroup: null,
            retentionPolicy: { enabled: false, days: 0 },
            ...log,
          })),
        },
      };
    },
    delete: async ({ id }, store) => routing.set(scopeOf(id), otherSink(store, id)),
  });
}

/** The storage account that a setting sends the server's log to; undefined where it sends other categories only. */
function sinkOf({ storageAccountId, logs }: Body["properties"]): string | undefined {
  const sendsLog = logs.some(
    ({ enabled, category, categoryGroup }) =>
      // A category of its own is shown with the group null.
      enabled && (category === POSTGRESQL_LOGS || Boolean(categoryGroup)),
  );
  return sendsLog ? storageAccountId : undefined;
}

/** Where the other settings of the same resource send its log. */
function otherSink(store: ResourceStore, id: string): string | undefined {
  return settingsOf(store, scopeOf(id))
    .filter((other) => other.id.toLowerCase() !== id.toLowerCase())
    .map(({ shown }) => sinkOf(shown.properties as Body["properties"]))
    .find((sink) => sink !== undefined);
}

function requireCategories({ properties }: Body): void {
  for (const { category } of properties.logs) {
    if (category !== undefined && !CATEGORIES.includes(category)) {
      throw new ArmError(400, "BadRequest", `Category '${category}' is not supported`);
    }
  }
}

function requireStorageAccount({ body, store }: PutRequest<Body>): void {
  const id = body.properties.storageAccountId;
  if (!store.get(id)) {
    throw new ArmError(404, "ResourceNotFound", `The storage account '${id}' was not found.`);
  }
}

/** One category of a resource goes to one storage account once. Source: Azure Monitor, "Diagnostic settings", troubleshooting. */
function requireFreeSink({ id, scope = "", body, store }: PutRequest<Body>): void {
  const sink = body.properties.storageAccountId.toLowerCase();
  for (const other of settingsOf(store, scope)) {
    const properties = other.shown.properties as Body["properties"];
    const shared = properties.logs.find(({ category }) =>
      body.properties.logs.some((log) => log.category === category),
    );
    if (
      other.id.toLowerCase() !== id.toLowerCase() &&
      properties.storageAccountId.toLowerCase() === sink &&
      shared
    ) {
      throw new ArmError(
        409,
        "Conflict",
        `Data sink '${body.properties.storageAccountId}' is already used in diagnostic setting '${other.name}' ` +
          `for category '${shared.category}'. Data sinks can't be reused in different settings on the same category for the same resource.`,
      );
    }
  }
}

const settingsOf = (store: ResourceStore, scope: string) =>
  store.ofType(TYPE).filter((record) => scopeOf(record.id).toLowerCase() === scope.toLowerCase());

const scopeOf = (id: string): string => id.slice(0, id.toLowerCase().lastIndexOf("/providers/"));
