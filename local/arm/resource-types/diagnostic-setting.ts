import { z } from "zod";
import { ArmError, BareArmError } from "../arm-error";
import { resourceKey } from "../resource-id";
import { type ResourceStore } from "../resource-store";
import { type PutRequest, resourceType } from "../resource-type";

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
type Log = Body["properties"]["logs"][number];

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

/** Source: Azure Monitor, "Category groups". */
const CATEGORY_GROUPS = ["allLogs", "audit"];

/**
 * Outlives its server and resource group, and conflicts with the next setting then, as on Azure.
 * Source: azure-docs 100347, terraform-provider-azurerm 19706.
 */
export const diagnosticSetting = resourceType({
  type: TYPE,
  // Microsoft's clients still ask by the older one; what local Azure takes and shows is the same in both.
  apiVersions: ["2021-05-01-preview", "2017-05-01-preview"],
  extends: "resource",
  // Source: the REST API's "Diagnostic Settings - Create Or Update": Microsoft's client takes no other.
  createdStatus: 200,
  schema: BODY,
  diesWithParent: false,
  validate: (request) => {
    requireCategories(request.body);
    requireStorageAccount(request);
    requireFreeSink(request);
  },
  put: ({ body }) => {
    const { storageAccountId, logs } = body.properties;
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
});

/** Ids of the storage accounts that a server's log goes to: every setting that sends it has one. */
export function logStorageAccounts(store: ResourceStore, serverId: string): string[] {
  return settingsOf(store, serverId)
    .map(({ shown }) => shown.properties as Body["properties"])
    .filter(({ logs }) => logs.some(sendsLog))
    .map(({ storageAccountId }) => storageAccountId);
}

/** A category of its own is shown with the group null. */
const sendsLog = ({ enabled, category, categoryGroup }: Log): boolean =>
  enabled && (category === POSTGRESQL_LOGS || Boolean(categoryGroup));

function requireCategories({ properties }: Body): void {
  for (const { category, categoryGroup } of properties.logs) {
    if ((category === undefined) === (categoryGroup === undefined)) {
      throw new ArmError(
        400,
        "BadRequest",
        "Each of the setting's logs names either a 'category' or a 'categoryGroup'.",
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

function requireStorageAccount({ body, store }: PutRequest<Body>): void {
  const id = body.properties.storageAccountId;
  if (!store.get(id)) {
    throw new ArmError(404, "ResourceNotFound", `The storage account '${id}' was not found.`);
  }
}

/** One category of a resource goes to one storage account once. Source: Azure Monitor, "Diagnostic settings", troubleshooting. */
function requireFreeSink({ id, scope = "", body, store }: PutRequest<Body>): void {
  const sink = body.properties.storageAccountId;
  const wanted = body.properties.logs.map(categoryOf);
  for (const other of settingsOf(store, scope)) {
    const { storageAccountId, logs } = other.shown.properties as Body["properties"];
    if (sameId(other.id, id) || !sameId(storageAccountId, sink)) continue;
    const shared = logs.map(categoryOf).find((category) => wanted.includes(category));
    if (shared === undefined) continue;
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
  store.ofType(TYPE).filter((record) => sameId(scopeOf(record.id), scope));

const scopeOf = (id: string): string => id.slice(0, id.toLowerCase().lastIndexOf("/providers/"));

const sameId = (a: string, b: string): boolean => resourceKey(a) === resourceKey(b);
