import * as crypto from "node:crypto";
import { z } from "zod";
import { ArmError } from "./arm-error";
import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { USER_ASSIGNED_IDENTITIES } from "./resource-type-names";

/** The envelope of a resource that can have managed identities. */
export const IDENTITY = z
  .strictObject({
    type: z.enum(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]),
    userAssignedIdentities: z.record(z.string(), z.strictObject({})).optional(),
  })
  .optional();

type Identity = z.infer<typeof IDENTITY>;

/** What GET shows of them. */
export interface ShownIdentity {
  readonly type: string;
  /** Object id of the system-assigned identity. */
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly userAssignedIdentities?: Readonly<Record<string, { readonly principalId: string }>>;
}

/** An identity that a machine may use. */
export interface MachineIdentity {
  /** Object id of its principal. */
  readonly objectId: string;
  readonly clientId: string;
  /** Of the user-assigned identity, or of the machine. */
  readonly resourceId: string;
}

/**
 * Refuses identities that don't exist, and a type that doesn't fit the list.
 * Source of the codes: Azure's "Configure managed identities for Azure resources", troubleshooting; azure-cli 21613.
 */
export function validateIdentity(identity: Identity, store: ResourceStore): void {
  const ids = Object.keys(identity?.userAssignedIdentities ?? {});
  const isUserAssigned = identity?.type.includes("UserAssigned") ?? false;
  if (isUserAssigned !== ids.length > 0) {
    throw new ArmError(
      400,
      "InvalidIdentityValues",
      `The identity type '${identity?.type}' ${isUserAssigned ? "needs" : "takes no"} userAssignedIdentities.`,
    );
  }
  const missing = ids.find((id) => !store.get(id));
  if (missing === undefined) return;
  throw new ArmError(
    400,
    "FailedIdentityOperation",
    `Identity operation failed: the user assigned identity '${missing}' was not found.`,
  );
}

/** @param before what was shown so far: a system-assigned identity stays the same as long as the resource has it */
export function showIdentity(
  identity: Identity,
  before: ShownIdentity | undefined,
  { store, tenantId }: { readonly store: ResourceStore; readonly tenantId: string },
): ShownIdentity | undefined {
  if (!identity || identity.type === "None") return undefined;
  const { type, userAssignedIdentities } = identity;
  return {
    type,
    ...(type.includes("SystemAssigned") && {
      principalId: before?.principalId ?? crypto.randomUUID(),
      tenantId,
    }),
    ...(userAssignedIdentities && {
      userAssignedIdentities: Object.fromEntries(
        Object.keys(userAssignedIdentities).map((id) => [id, idsOf(store.get(id))]),
      ),
    }),
  };
}

function idsOf(identity: ResourceRecord | undefined) {
  const { principalId, clientId } = (identity?.shown.properties ?? {}) as Record<string, string>;
  return { principalId: principalId ?? "", clientId: clientId ?? "" };
}

/** The identities of a machine, the system-assigned one first. */
export function identitiesOf(machine: ResourceRecord, store: ResourceStore): MachineIdentity[] {
  const shown = machine.shown.identity as ShownIdentity | undefined;
  const system = shown?.principalId;
  const users = Object.keys(shown?.userAssignedIdentities ?? {}).flatMap((id) => {
    const identity = store.get(id);
    if (identity?.type !== USER_ASSIGNED_IDENTITIES) return [];
    const { principalId, clientId } = idsOf(identity);
    return [{ objectId: principalId, clientId, resourceId: identity.id }];
  });
  if (system === undefined) return users;
  return [{ objectId: system, clientId: applicationOf(system), resourceId: machine.id }, ...users];
}

/** The client id of a system-assigned identity, which the Resource Manager doesn't show. */
function applicationOf(objectId: string): string {
  const hex = crypto.createHash("sha256").update(objectId).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
