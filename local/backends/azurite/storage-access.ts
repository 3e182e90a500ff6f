/** What a role allows; with `*` for any text, such as `Microsoft.Storage/storageAccounts/*`. */
export interface Permissions {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
  readonly notDataActions?: readonly string[];
}

/** A role of a principal in a storage account. */
export interface Grant {
  /** Object id. */
  readonly principalId: string;
  /** @default all containers */
  readonly container?: string;
  /** When it begins to count, in milliseconds since 1970. */
  readonly since: number;
  readonly permissions: readonly Permissions[];
}

/** Who may use a storage account. */
export interface AccountAccess {
  /** False: neither keys nor signatures made with them count. */
  readonly allowsSharedKey: boolean;
  readonly grants: readonly Grant[];
}

/** By the account's name. */
export type StorageAccess = Readonly<Record<string, AccountAccess>>;

/** What Azurite's process reads, authorize.js. */
export interface AccessFile {
  /** PEM: of the lab's tokens. */
  readonly publicKey: string;
  /** Object id of local Azure's own services, which may do everything. */
  readonly platformId: string;
  readonly accounts: StorageAccess;
}
