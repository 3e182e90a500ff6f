import * as crypto from "node:crypto";
import { z } from "zod";
import { ArmError } from "../arm-error";
import { type ResourceRecord } from "../resource-store";
import { resourceType } from "../resource-type";
import { SAVED_SEARCHES, SCHEDULED_QUERY_RULES, WORKSPACES } from "../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common";

const API_VERSIONS = ["2023-09-01"];

/** Stored only: no log is delivered to it, and no query is answered. */
export const workspace = resourceType({
  type: WORKSPACES,
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({
      sku: z.strictObject({ name: z.literal("PerGB2018") }),
      // Source: Azure Monitor, "Manage data retention in a Log Analytics workspace".
      retentionInDays: z.int().min(30).max(730),
    }),
  }),
  put: ({ body, existing }) => ({
    ...body,
    properties: {
      ...body.properties,
      customerId: customerId(existing),
      ...SUCCEEDED,
    },
  }),
});

/** The workspace's own id; it stays the same. */
const customerId = (existing: ResourceRecord | undefined): unknown =>
  (existing?.shown.properties as { customerId?: string } | undefined)?.customerId ??
  crypto.randomUUID();

/** Stored only. */
export const savedSearch = resourceType({
  type: SAVED_SEARCHES,
  apiVersions: API_VERSIONS,
  createdStatus: 200,
  schema: z.strictObject({
    properties: z.strictObject({
      category: z.string(),
      displayName: z.string(),
      query: z.string(),
      functionAlias: z.string().optional(),
    }),
  }),
  validate: refuseUpdate,
  put: ({ body }) => body,
});

/** Azure wants the etag of what is replaced, which azure-native doesn't send. Source: azure-docs 49275, azure-powershell 3093. */
function refuseUpdate({ existing }: { readonly existing?: ResourceRecord }): void {
  if (existing === undefined) return;
  throw new ArmError(409, "Conflict", "Newer data exists in the Customer Configuration Store.");
}

/** Stored only: it is never evaluated. */
export const scheduledQueryRule = resourceType({
  type: SCHEDULED_QUERY_RULES,
  apiVersions: ["2025-01-01-preview"],
  patch: TAGS_PATCH,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    kind: z.literal("LogAlert"),
    properties: z.strictObject({
      displayName: z.string(),
      description: z.string().optional(),
      severity: z.int().min(0).max(4),
      enabled: z.boolean(),
      scopes: z.array(z.string()).length(1),
      evaluationFrequency: z.string(),
      windowSize: z.string(),
      criteria: z.strictObject({
        allOf: z
          .array(
            z.strictObject({
              query: z.string(),
              timeAggregation: z.literal("Count"),
              operator: z.enum(["GreaterThan", "GreaterThanOrEqual", "LessThan", "Equals"]),
              threshold: z.int(),
              failingPeriods: z
                .strictObject({
                  numberOfEvaluationPeriods: z.int(),
                  minFailingPeriodsToAlert: z.int(),
                })
                .optional(),
            }),
          )
          .length(1),
      }),
      autoMitigate: z.boolean().optional(),
      skipQueryValidation: z.boolean().optional(),
    }),
  }),
  validate: ({ body, store }) => {
    for (const scope of body.properties.scopes) {
      if (store.get(scope)) continue;
      throw new ArmError(400, "BadRequest", `The scope '${scope}' was not found.`);
    }
  },
  put: ({ body }) => body,
});
