import * as crypto from "node:crypto";
import { type Wanted } from "./ensure";

/** Where the state is. The names are the same in each run, so that an interrupted one is continued. */
export interface StatePlace {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly location: string;
  readonly resourceGroupName: string;
}

export const CONTAINER = "pulumi-state";
export const KEY = "pulumi";

const STORAGE = "2024-01-01";
const KEY_VAULT = "2024-11-01";
/** How long a deleted blob, container or vault can be restored, in days. */
const RESTORE_DAYS = 90;

const subscription = ({ subscriptionId }: StatePlace) => `/subscriptions/${subscriptionId}`;
const groupId = (place: StatePlace) =>
  `${subscription(place)}/resourceGroups/${place.resourceGroupName}`;

/** Accounts and vaults need names that are unique in all of Azure, and at most 24 characters. */
function uniqueName(prefix: string, place: StatePlace): string {
  const hash = crypto.createHash("sha256").update(groupId(place).toLowerCase()).digest("hex");
  return `${prefix}${hash.slice(0, 12)}`;
}

export const accountName = (place: StatePlace): string => uniqueName("pgauditstate", place);
export const vaultName = (place: StatePlace): string => uniqueName("pgaudit-", place);
const accountId = (place: StatePlace) =>
  `${groupId(place)}/providers/Microsoft.Storage/storageAccounts/${accountName(place)}`;
export const containerId = (place: StatePlace): string =>
  `${accountId(place)}/blobServices/default/containers/${CONTAINER}`;
const vaultId = (place: StatePlace) =>
  `${groupId(place)}/providers/Microsoft.KeyVault/vaults/${vaultName(place)}`;
export const keyId = (place: StatePlace): string => `${vaultId(place)}/keys/${KEY}`;

export const resourceGroup = (place: StatePlace): Wanted => ({
  what: `resource group "${place.resourceGroupName}"`,
  id: groupId(place),
  apiVersion: "2024-03-01",
  body: { location: place.location },
});

/** Without account keys: Pulumi signs in by Entra ID. Versions and soft delete undo an overwritten or deleted state. */
export const stateStorage = (place: StatePlace): readonly Wanted[] => [
  {
    what: `storage account "${accountName(place)}"`,
    id: accountId(place),
    apiVersion: STORAGE,
    update: "PATCH",
    body: {
      location: place.location,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: {
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
      },
    },
  },
  {
    what: "storage account's blob service",
    id: `${accountId(place)}/blobServices/default`,
    apiVersion: STORAGE,
    update: "PUT",
    body: {
      properties: {
        isVersioningEnabled: true,
        deleteRetentionPolicy: { enabled: true, days: RESTORE_DAYS },
        containerDeleteRetentionPolicy: { enabled: true, days: RESTORE_DAYS },
      },
    },
  },
  {
    what: `container "${CONTAINER}"`,
    id: containerId(place),
    apiVersion: STORAGE,
    body: { properties: { publicAccess: "None" } },
  },
];

/** With purge protection, which can't be turned off again: without its key the state can't be read. */
export const keyVault = (place: StatePlace): Wanted => ({
  what: `key vault "${vaultName(place)}"`,
  id: vaultId(place),
  apiVersion: KEY_VAULT,
  update: "PATCH",
  body: {
    location: place.location,
    properties: {
      tenantId: place.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      accessPolicies: [],
      enableSoftDelete: true,
      softDeleteRetentionInDays: RESTORE_DAYS,
      enablePurgeProtection: true,
    },
  },
});

/** Pulumi encrypts a data key with it (RSA-OAEP-256). Source: gocloud.dev/secrets/azurekeyvault. */
export const vaultKey = (place: StatePlace): Wanted => ({
  what: `key "${KEY}"`,
  id: keyId(place),
  apiVersion: KEY_VAULT,
  body: { properties: { kty: "RSA", keySize: 3072, keyOps: ["encrypt", "decrypt"] } },
});

/** Ids of built-in roles. Source: "Azure built-in roles". */
const ROLES = {
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
} as const;

/** Who may use the state, by object ids of users, groups or service principals. */
export interface StateUsers {
  /** They run updates. */
  readonly writers: readonly string[];
  /** They only preview, and can read the lab's secrets. */
  readonly readers: readonly string[];
}

/** The roles on the container and on the key; an owner of the subscription needs them too. */
export function roleAssignments(place: StatePlace, { writers, readers }: StateUsers): Wanted[] {
  const blobs = (role: keyof typeof ROLES, ids: readonly string[]) =>
    ids.map((principalId) => assignment(place, { role, principalId, scope: containerId(place) }));
  const decrypting = [...new Set([...writers, ...readers])].map((principalId) =>
    assignment(place, { role: "Key Vault Crypto User", principalId, scope: keyId(place) }),
  );
  return [
    ...blobs("Storage Blob Data Contributor", writers),
    ...blobs("Storage Blob Data Reader", readers),
    ...decrypting,
  ];
}

function assignment(
  place: StatePlace,
  of: { role: keyof typeof ROLES; principalId: string; scope: string },
): Wanted {
  const { role, principalId, scope } = of;
  const name = uuidOf(`${scope}/${ROLES[role]}/${principalId}`.toLowerCase());
  const definitions = "providers/Microsoft.Authorization/roleDefinitions";
  return {
    what: `role "${role}" of ${principalId}`,
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    apiVersion: "2022-04-01",
    body: {
      properties: {
        principalId,
        roleDefinitionId: `${subscription(place)}/${definitions}/${ROLES[role]}`,
      },
    },
  };
}

/** The same UUID for the same text, in the form of version 8 (RFC 9562). */
function uuidOf(text: string): string {
  const bytes = crypto.createHash("sha256").update(text).digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}
