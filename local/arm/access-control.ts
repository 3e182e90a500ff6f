import { ArmError } from "./arm-error";
import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { ROLE_ASSIGNMENTS, ROLE_DEFINITIONS } from "./resource-type-names";
import { type Timing } from "./timing";

/** Who sent a request: the owner of the subscription, or the id of an application that has role assignments. */
export type Principal = "owner" | { readonly id: string };

interface Permissions {
  /** With `*` for any text, such as `Microsoft.Storage/storageAccounts/*`. */
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
}

/** Control-plane permissions of built-in roles by their ids. Source: "Azure built-in roles". */
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
};

/** Azure's role-based access control of the Resource Manager, without deny assignments, conditions and data actions. */
export class AccessControl {
  constructor(
    private readonly store: ResourceStore,
    private readonly timing: Pick<Timing, "roleAssignmentSeconds">,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether an application has a role assignment, whether it counts already or not. */
  isPrincipal(id: string): boolean {
    return this.assignmentsOf(id).length > 0;
  }

  /**
   * @param action such as `Microsoft.Storage/storageAccounts/read`
   * @param scope the id of the resource
   * @throws ArmError 403. Source of code and text: "Troubleshoot Azure RBAC".
   */
  require(principal: Principal, action: string, scope: string): void {
    if (principal === "owner") return;
    const { id } = principal;
    const isGranted = this.assignmentsOf(id).some(
      (assignment) =>
        this.counts(assignment) &&
        isWithin(scope, scopeOf(assignment)) &&
        this.allows(assignment, action),
    );
    if (isGranted) return;
    throw new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${id}' with object id '${id}' does not have authorization to perform action '${action}' over scope ` +
        `'${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }

  private assignmentsOf(principalId: string): ResourceRecord[] {
    return this.store
      .ofType(ROLE_ASSIGNMENTS)
      .filter(({ shown }) => propertiesOf(shown).principalId === principalId.toLowerCase());
  }

  private counts({ createdAt }: ResourceRecord): boolean {
    return this.now() >= createdAt + this.timing.roleAssignmentSeconds * 1000;
  }

  private allows({ shown }: ResourceRecord, action: string): boolean {
    const { roleDefinitionId } = propertiesOf(shown);
    return this.permissions(roleDefinitionId.split("/").pop() ?? "").some(
      ({ actions = [], notActions = [] }) =>
        actions.some((pattern) => matches(pattern, action)) &&
        !notActions.some((pattern) => matches(pattern, action)),
    );
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

const propertiesOf = (shown: ResourceRecord["shown"]) =>
  shown.properties as { readonly principalId: string; readonly roleDefinitionId: string };

/** The id before the assignment's own part. */
const scopeOf = ({ id }: ResourceRecord): string =>
  id.slice(0, id.toLowerCase().lastIndexOf("/providers/microsoft.authorization/"));

const isWithin = (id: string, scope: string): boolean =>
  `${id.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`);

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
