import { z } from "zod";
import { ArmError, BareArmError } from "../arm-error";
import { type ResourceStore } from "../resource-store";
import { type PutRequest, resourceType } from "../resource-type";
import { DIAGNOSTIC_SETTINGS } from "../resource-type-names";
import { isSameId } from "./common";

const BODY = z.strictObject({
  properties: z.strictObject({
    storageAccountId: z.string().optional(),
    workspaceId: z.string().optional(),
    logAnalyticsDestinationType: z.enum(["Dedicated", "AzureDiagnostics"]).optional(),
    eventHubAuthorizationRuleId: z.string().optional(),
    eventHubName: z.string().optional(),
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
type Log = Body["properties"]["logs"][number];

/** The inputs that name a sink, and what they name. */
const SINKS = [
  ["storageAccountId", "storage account"],
  ["workspaceId", "workspace"],
  ["eventHubAuthorizationRuleId", "authorization rule"],
] as const;

/** The only category for which local Azure writes records. */
const POSTGRESQL_LOGS = "PostgreSQLLogs";
/** Azure's categories for a flexible server; all are accepted. */
const CATEGORIES = [
  POSTGRESQL_LOGS,
  "PostgreSQLFlexDatabaseXacts",
  "PostgreSQLFlexPGBouncer",
  "PostgreSQLFlexQueryStoreRuntime",
  "PostgreSQLFlexQueryStoreWaitStats",
  "PostgreSQLFlexSessions",
  "PostgreSQLFlexTableStats",
  "PostgreSQLQueryStoreSqlText",
];

/** Source: Azure Monitor, "Category groups". */
const CATEGORY_GROUPS = ["allLogs", "audit"];

/**
 * As on Azure, a setting outlives its server and resource group, and then conflicts with the next setting.
 * Source: azure-docs 100347, terraform-provider-azurerm 19706.
 */
export const diagnosticSetting = resourceType({
  type: DIAGNOSTIC_SETTINGS,
  // Microsoft's clients still use the older one.
  apiVersions: ["2021-05-01-preview", "2017-05-01-preview"],
  extends: "resource",
  // Source: the REST API's "Diagnostic Settings - Create Or Update"; Microsoft's client accepts no other.
  createdStatus: 200,
  schema: BODY,
  diesWithParent: false,
  validate: (request) => {
    requireCategories(request.body);
    requireSinks(request);
    requireFreeSink(request);
  },
  put: ({ body }) => {
    const { logs, ...sinks } = body.properties;
    return {
      properties: {
        ...sinks,
        logs: logs.map((log) => ({
          categoryGroup: null,
          retentionPolicy: { enabled: false, days: 0 },
          ...log,
        })),
      },
    };
  },
});

/** A storage account that receives a server's log, by a diagnostic setting. */
export interface LogSink {
  readonly storageAccountId: string;
  /** Of the setting, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** Where the server's log is sent: a sink for each setting that sends it to storage. Nothing goes to other sinks. */
export function logSinks(store: ResourceStore, serverId: string): LogSink[] {
  return settingsOf(store, serverId).flatMap(({ shown, createdAt }) => {
    const { storageAccountId, logs } = shown.properties as Body["properties"];
    if (storageAccountId === undefined || !logs.some(sendsLog)) return [];
    return [{ storageAccountId, createdAt }];
  });
}

const sendsLog = ({ enabled, category, categoryGroup }: Log): boolean =>
  enabled && (category === POSTGRESQL_LOGS || Boolean(categoryGroup));

function requireCategories({ properties }: Body): void {
  const kinds = new Set(properties.logs.map(({ category }) => category === undefined));
  if (kinds.size > 1) {
    // Source: Azure Monitor, "Diagnostic settings", category groups; the text isn't documented.
    throw new ArmError(
      400,
      "BadRequest",
      "A setting can't have both categories and category groups.",
    );
  }
  for (const { category, categoryGroup } of properties.logs) {
    if ((category === undefined) === (categoryGroup === undefined)) {
      throw new ArmError(
        400,
        "BadRequest",
        "Each of the setting's logs must have either a 'category' or a 'categoryGroup'.",
      );
    }
    if (category !== undefined && !CATEGORIES.includes(category)) {
      throw new ArmError(400, "BadRequest", `Category '${category}' is not supported`);
    }
    if (categoryGroup !== undefined && !CATEGORY_GROUPS.includes(categoryGroup)) {
      throw new ArmError(400, "BadRequest", `Category group '${categoryGroup}' is not supported`);
    }
  }
}

/** Source: Azure Monitor, "Diagnostic settings", destinations; the text of the first error isn't documented. */
function requireSinks({ body, store }: PutRequest<Body>): void {
  const sinks = SINKS.flatMap(([input, what]) => {
    const id = body.properties[input];
    return id === undefined ? [] : [{ id, what }];
  });
  if (sinks.length === 0) {
    throw new ArmError(400, "BadRequest", "A setting must have at least one data sink.");
  }
  for (const { id, what } of sinks) {
    if (store.get(id)) continue;
    throw new ArmError(404, "ResourceNotFound", `The ${what} '${id}' was not found.`);
  }
}

/** Two settings of a resource can't send the same category to the same sink. Source: Azure Monitor, "Diagnostic settings", troubleshooting. */
function requireFreeSink({ id, scope = "", body, store }: PutRequest<Body>): void {
  const wanted = body.properties.logs.map(categoryOf);
  for (const other of settingsOf(store, scope)) {
    if (isSameId(other.id, id)) continue;
    const { logs, ...sinks } = other.shown.properties as Body["properties"];
    const shared = logs.map(categoryOf).find((category) => wanted.includes(category));
    const [sink] = SINKS.flatMap(([input]) => {
      const own = body.properties[input];
      return own !== undefined && isSameId(sinks[input], own) ? [own] : [];
    });
    if (shared === undefined || sink === undefined) continue;
    throw new BareArmError(
      409,
      "Conflict",
      `Data sink '${sink}' is already used in diagnostic setting '${other.name}' for category '${shared}'. ` +
        "Data sinks can't be reused in different settings on the same category for the same resource.",
    );
  }
}

const categoryOf = ({ category, categoryGroup }: Log): string => category ?? categoryGroup ?? "";

const settingsOf = (store: ResourceStore, scope: string) =>
  store.ofType(DIAGNOSTIC_SETTINGS).filter((record) => isSameId(scopeOf(record.id), scope));

const scopeOf = (id: string): string => id.slice(0, id.toLowerCase().lastIndexOf("/providers/"));
