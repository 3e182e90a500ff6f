import { type Permissions } from "../backends/azurite/storage-access";
import { ArmError } from "./arm-error";
import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { ROLE_ASSIGNMENTS, ROLE_DEFINITIONS } from "./resource-type-names";
import { type Timing } from "./timing";

/** Who sent a request: the owner of the subscription, or the id of an application that has role assignments. */
export type Principal = "owner" | { readonly id: string };

/** A role assignment. */
export interface Assignment {
  readonly principalId: string;
  /** The id of what it is for. */
  readonly scope: string;
  /** When it begins to count, in milliseconds since 1970. */
  readonly since: number;
  readonly permissions: readonly Permissions[];
}

const CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers";

/** Built-in roles by their ids. Source: "Azure built-in roles". */
const BUILT_IN_ROLES: Readonly<Record<string, Permissions>> = {
  // Reader
  "acdd72a7-3385-48ef-bd42-f606fba81ae7": { actions: ["*/read"] },
  // Contributor
  "b24988ac-6180-42a0-ab88-20f7382dd24c": {
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  },
  // Reader and Data Access
  "c12c1c16-33a1-487b-954d-41c89c60f349": {
    actions: [
      "Microsoft.Storage/storageAccounts/listKeys/action",
      "Microsoft.Storage/storageAccounts/ListAccountSas/action",
      "Microsoft.Storage/storageAccounts/read",
    ],
  },
  // Storage Blob Data Reader
  "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": {
    actions: [
      `${CONTAINERS}/read`,
      "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    ],
    dataActions: [`${CONTAINERS}/blobs/read`],
  },
  // Storage Blob Data Contributor
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": {
    actions: [
      `${CONTAINERS}/delete`,
      `${CONTAINERS}/read`,
      `${CONTAINERS}/write`,
      "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    ],
    dataActions: [
      `${CONTAINERS}/blobs/delete`,
      `${CONTAINERS}/blobs/read`,
      `${CONTAINERS}/blobs/write`,
      `${CONTAINERS}/blobs/move/action`,
      `${CONTAINERS}/blobs/add/action`,
    ],
  },
};

/** Azure's role-based access control, without deny assignments and conditions. Azurite's process checks data actions. */
export class AccessControl {
  constructor(
    private readonly store: ResourceStore,
    private readonly timing: Pick<Timing, "roleAssignmentSeconds">,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether an application has a role assignment, whether it counts already or not. */
  isPrincipal(id: string): boolean {
    return this.assignments().some(({ principalId }) => principalId === id.toLowerCase());
  }

  /**
   * @param action such as `Microsoft.Storage/storageAccounts/read`
   * @param scope the id of the resource
   * @throws ArmError 403. Source of code and text: "Troubleshoot Azure RBAC".
   */
  require(principal: Principal, action: string, scope: string): void {
    if (principal === "owner") return;
    const { id } = principal;
    const isGranted = this.assignments().some(
      (assignment) =>
        assignment.principalId === id.toLowerCase() &&
        this.now() >= assignment.since &&
        isWithin(scope, assignment.scope) &&
        assignment.permissions.some((permissions) => allows(permissions, action)),
    );
    if (isGranted) return;
    throw new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${id}' with object id '${id}' does not have authorization to perform action '${action}' over scope ` +
        `'${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }

  assignments(): Assignment[] {
    return this.store.ofType(ROLE_ASSIGNMENTS).map((record) => {
      const { principalId, roleDefinitionId } = record.shown.properties as {
        readonly principalId: string;
        readonly roleDefinitionId: string;
      };
      return {
        principalId,
        scope: scopeOf(record),
        since: record.createdAt + this.timing.roleAssignmentSeconds * 1000,
        permissions: this.permissions(roleDefinitionId.split("/").pop() ?? ""),
      };
    });
  }

  private permissions(roleId: string): readonly Permissions[] {
    const builtIn = BUILT_IN_ROLES[roleId.toLowerCase()];
    if (builtIn) return [builtIn];
    const definition = this.store
      .ofType(ROLE_DEFINITIONS)
      .find(({ name }) => name.toLowerCase() === roleId.toLowerCase());
    const { permissions = [] } = (definition?.shown.properties ?? {}) as {
      permissions?: readonly Permissions[];
    };
    return permissions;
  }
}

const allows = ({ actions = [], notActions = [] }: Permissions, action: string): boolean =>
  actions.some((pattern) => matches(pattern, action)) &&
  !notActions.some((pattern) => matches(pattern, action));

/** The id before the assignment's own part. */
const scopeOf = ({ id }: ResourceRecord): string =>
  id.slice(0, id.toLowerCase().lastIndexOf("/providers/microsoft.authorization/"));

export const isWithin = (id: string, scope: string): boolean =>
  `${id.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`);

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
