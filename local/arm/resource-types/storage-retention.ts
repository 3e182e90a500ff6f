import * as crypto from "node:crypto";
import { z } from "zod";
import { type LifecycleRule } from "../../backends/azurite/storage-retention";
import { type StorageBackend } from "../../backends/storage-accounts";
import { ArmError } from "../arm-error";
import { type ResourceRecord, type ResourceStore } from "../resource-store";
import { resourceType, type ResourceType, type Shown } from "../resource-type";
import { IMMUTABILITY_POLICIES, MANAGEMENT_POLICIES } from "../resource-type-names";

const API_VERSIONS = ["2024-01-01"];

/** Azure has one of each: the name is always `default`. */
function requireDefault(name: string): void {
  if (name === "default") return;
  throw new ArmError(400, "InvalidResourceName", `'${name}' is not a valid name; it is 'default'.`);
}

const AGE = z.strictObject({
  daysAfterModificationGreaterThan: z.int().min(0).max(99_999).optional(),
  daysAfterCreationGreaterThan: z.int().min(0).max(99_999).optional(),
});

/** Only rules that delete: the lab's blobs are append blobs, which have no tiers. */
const RULE = z.strictObject({
  enabled: z.boolean().optional(),
  name: z.string().regex(/^[A-Za-z0-9-]{1,256}$/),
  type: z.literal("Lifecycle"),
  definition: z.strictObject({
    actions: z.strictObject({ baseBlob: z.strictObject({ delete: AGE }) }),
    filters: z
      .strictObject({
        blobTypes: z.array(z.enum(["appendBlob", "blockBlob"])).min(1),
        prefixMatch: z.array(z.string()).max(10).optional(),
      })
      .optional(),
  }),
});

const MANAGEMENT_POLICY_BODY = z.strictObject({
  properties: z.strictObject({
    policy: z.strictObject({ rules: z.array(RULE).min(1).max(100) }),
  }),
});

const accountOf = (id: string): string => id.split("/")[8] ?? "";

/** An account's lifecycle policy; `StorageBackend.runLifecycle` does what it says. */
export const managementPolicy = (backend: StorageBackend): ResourceType =>
  resourceType({
    type: MANAGEMENT_POLICIES,
    apiVersions: API_VERSIONS,
    createdStatus: 200,
    requireValidName: requireDefault,
    schema: MANAGEMENT_POLICY_BODY,
    put: ({ id, body }) => {
      const { rules } = body.properties.policy;
      const enabled = rules.filter((rule) => rule.enabled !== false);
      backend.retention.setLifecycle(accountOf(id), enabled.map(lifecycleRule));
      return {
        properties: { ...body.properties, lastModifiedTime: new Date().toISOString() },
      };
    },
    delete: async ({ id }) => backend.retention.setLifecycle(accountOf(id), []),
  });

function lifecycleRule({ definition }: z.infer<typeof RULE>): LifecycleRule {
  const { daysAfterModificationGreaterThan: modified, daysAfterCreationGreaterThan: created = 0 } =
    definition.actions.baseBlob.delete;
  const { blobTypes = ["appendBlob", "blockBlob"], prefixMatch: prefixes = [] } =
    definition.filters ?? {};
  const since = modified === undefined ? "creation" : "modification";
  return { days: modified ?? created, since, blobTypes, prefixes };
}

const IMMUTABILITY_POLICY_BODY = z.strictObject({
  properties: z
    .strictObject({
      // Source: Azure's "Time-based retention policies for immutable blob data", retention interval.
      immutabilityPeriodSinceCreationInDays: z.int().min(1).max(146_000),
      allowProtectedAppendWrites: z.boolean().optional(),
      allowProtectedAppendWritesAll: z.boolean().optional(),
    })
    .refine(
      (policy) => !(policy.allowProtectedAppendWrites && policy.allowProtectedAppendWritesAll),
      {
        error: "allowProtectedAppendWrites and allowProtectedAppendWritesAll exclude each other",
      },
    ),
});

interface Policy {
  readonly immutabilityPeriodSinceCreationInDays: number;
  readonly state: "Locked" | "Unlocked";
  readonly allowProtectedAppendWrites?: boolean;
  readonly allowProtectedAppendWritesAll?: boolean;
  /** How often it was extended after it was locked; not shown. */
  readonly extensions?: number;
}

/** Source: Azure's "Time-based retention policies for immutable blob data", limits of container-level policies. */
const MOST_EXTENSIONS = 5;

const policyOf = ({ shown }: ResourceRecord): Policy => shown.properties as Policy;
const isLocked = (record: ResourceRecord | undefined): boolean =>
  record !== undefined && policyOf(record).state === "Locked";
const shownPolicy = (properties: Policy): Shown => ({
  properties: { ...properties },
  etag: `"${crypto.randomBytes(8).toString("hex")}"`,
});

/** The policy of a container. Sources of the refusals: azure-powershell 26148, pulumi-azure-native 2156. */
export const immutabilityPolicy = (backend: StorageBackend): ResourceType =>
  resourceType({
    type: IMMUTABILITY_POLICIES,
    apiVersions: API_VERSIONS,
    createdStatus: 200,
    requireValidName: requireDefault,
    schema: IMMUTABILITY_POLICY_BODY,
    // A container without one has this. Source: pulumi-azure-native 2154.
    find: async () => ({
      properties: { immutabilityPeriodSinceCreationInDays: 0, state: "Unlocked" },
      etag: '""',
    }),
    validate: ({ existing, ifMatch }) => {
      if (isLocked(existing)) throw wrongState();
      if (ifMatch !== undefined && existing) requireEtag(existing, ifMatch);
    },
    put: ({ id, body }) => {
      apply(backend, id, { ...body.properties, state: "Unlocked" });
      return shownPolicy({ ...body.properties, state: "Unlocked" });
    },
    show: ({ shown }) => {
      const { extensions: _, ...properties } = shown.properties as Policy;
      return { ...shown, properties };
    },
    validateDelete: (record, _store, ifMatch) => {
      requireEtag(record, ifMatch);
      if (isLocked(record)) throw wrongState();
    },
    delete: async ({ id }) => apply(backend, id, undefined),
    actions: {
      lock: {
        run: async (record, _body, store, ifMatch) => {
          requireEtag(record, ifMatch);
          return change(backend, record, store, { ...policyOf(record), state: "Locked" });
        },
      },
      extend: {
        schema: IMMUTABILITY_POLICY_BODY,
        run: async (record, body, store, ifMatch) => {
          requireEtag(record, ifMatch);
          const { properties } = body as z.infer<typeof IMMUTABILITY_POLICY_BODY>;
          const { immutabilityPeriodSinceCreationInDays: days } = properties;
          const before = policyOf(record);
          const { extensions = 0 } = before;
          const isLonger = days > before.immutabilityPeriodSinceCreationInDays;
          if (!isLocked(record) || !isLonger || extensions >= MOST_EXTENSIONS) throw wrongState();
          const policy = { ...before, immutabilityPeriodSinceCreationInDays: days };
          return change(backend, record, store, { ...policy, extensions: extensions + 1 });
        },
      },
    },
  });

function change(
  backend: StorageBackend,
  record: ResourceRecord,
  store: ResourceStore,
  policy: Policy,
): unknown {
  apply(backend, record.id, policy);
  const { id, name, type } = record;
  const shown = shownPolicy(policy);
  store.put({ id, name, type, shown });
  const { extensions: _, ...properties } = policy;
  return { id, name, type, ...shown, properties };
}

function apply({ retention }: StorageBackend, id: string, policy: Policy | undefined): void {
  const container = id.split("/")[12] ?? "";
  retention.setImmutability(
    accountOf(id),
    container,
    policy && {
      days: policy.immutabilityPeriodSinceCreationInDays,
      allowsAppends: Boolean(
        policy.allowProtectedAppendWrites || policy.allowProtectedAppendWritesAll,
      ),
    },
  );
}

function requireEtag({ shown }: ResourceRecord, ifMatch: string | undefined): void {
  if (ifMatch === shown.etag) return;
  throw new ArmError(
    412,
    "ContainerImmutabilityPolicyFailure",
    "Operation not allowed on immutability policy with incorrect etag.",
  );
}

const wrongState = (): ArmError =>
  new ArmError(
    409,
    "ContainerImmutabilityPolicyFailure",
    "Operation not allowed on immutability policy with current state.",
  );

/** Source of the text: azure-powershell 26148. */
export function refuseLockedContainers({ id, name }: ResourceRecord, store: ResourceStore): void {
  const locked = store
    .below(id)
    .filter((record) => record.type === IMMUTABILITY_POLICIES && isLocked(record))
    .map((record) => record.id.split("/")[12]);
  if (locked.length === 0) return;
  throw new ArmError(
    409,
    "AccountProtectedFromDeletion",
    `${name} is protected from deletion. The container(s) ${locked.join(", ")} have a locked immutability policy.`,
  );
}
