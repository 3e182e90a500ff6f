import * as crypto from "node:crypto";
import { z } from "zod";
import { ArmError } from "../arm-error";
import { type ResourceRecord } from "../resource-store";
import {
  type NamesTakenElsewhere,
  type PutRequest,
  resourceType,
  type ResourceType,
  type Shown,
} from "../resource-type";
import { KEY_VAULTS } from "../resource-type-names";
import { LOCATION, namesake, SUCCEEDED, TAGS } from "./common";

const API_VERSIONS = ["2024-11-01"];

const DAY_MILLISECONDS = 24 * 60 * 60_000;

/** Only vaults with role-based access; `recover` isn't supported. */
const VAULT_PROPERTIES = z.strictObject({
  tenantId: z.uuid(),
  sku: z.strictObject({ family: z.literal("A"), name: z.enum(["standard", "premium"]) }),
  enableRbacAuthorization: z.literal(true),
  accessPolicies: z.array(z.never()).default([]),
  enableSoftDelete: z.literal(true).default(true),
  softDeleteRetentionInDays: z.int().min(7).max(90).default(90),
  enablePurgeProtection: z.boolean().optional(),
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
  createMode: z.literal("default").optional(),
});

const VAULT_BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  properties: VAULT_PROPERTIES,
});

type VaultBody = z.infer<typeof VAULT_BODY>;

export interface KeyVaultContext {
  readonly namesTakenElsewhere: NamesTakenElsewhere;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/** Vaults are kept; nothing answers at their addresses. A deleted vault keeps its name, as with Azure's soft delete. */
export function keyVault({ namesTakenElsewhere, now }: KeyVaultContext): ResourceType {
  return resourceType({
    type: KEY_VAULTS,
    apiVersions: API_VERSIONS,
    schema: VAULT_BODY,
    patch: {
      schema: z.strictObject({ tags: TAGS, properties: VAULT_PROPERTIES.partial().optional() }),
    },
    requireValidName: requireVaultName,
    validate: (request) => {
      requirePurgeProtectionKept(request.body);
      if (!request.existing) requireFreeName(request);
    },
    put: ({ name, body }) => {
      const { createMode: _, ...properties } = body.properties;
      const vaultUri = `https://${name}.vault.azure.net/`;
      return { ...body, properties: { ...properties, vaultUri, ...SUCCEEDED } };
    },
    delete: async (record, store) => {
      const until = now() + retentionDays(record) * DAY_MILLISECONDS;
      store.retainName(KEY_VAULTS, record.name, until);
    },
  });

  function requireFreeName({ id, name, store }: PutRequest<unknown>): void {
    // Source of code and text: azure-cli 29115.
    if (store.retainsName(KEY_VAULTS, name, now())) {
      throw new ArmError(
        409,
        "ConflictError",
        "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault.",
      );
    }
    if (!namesTakenElsewhere.has(name) && !namesake(store, KEY_VAULTS, { id, name })) return;
    // Source of the code: Azure Key Vault, "Common error codes".
    throw new ArmError(409, "VaultAlreadyExists", `The vault name '${name}' is already in use.`);
  }
}

const retentionDays = ({ shown }: ResourceRecord): number =>
  (shown.properties as VaultBody["properties"]).softDeleteRetentionInDays;

/** Azure refuses `false` also for a new vault. Source: azure-rest-api-specs 18106. */
function requirePurgeProtectionKept({ properties }: VaultBody): void {
  if (properties.enablePurgeProtection !== false) return;
  throw new ArmError(
    400,
    "BadRequest",
    'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
  );
}

/** Sources: Azure's "Naming rules and restrictions", Microsoft.KeyVault, and Key Vault's "Common error codes". */
function requireVaultName(name: string): void {
  if (/^[a-z](-?[a-z0-9]){2,23}$/i.test(name) && name.length <= 24) return;
  throw new ArmError(
    400,
    "VaultNameNotValid",
    `The vault name '${name}' is invalid. It must consist of 3 to 24 letters, digits and hyphens, begin with a letter, end with a letter or digit, and not contain two hyphens in a row.`,
  );
}

const KEY_BODY = z.strictObject({
  tags: TAGS,
  properties: z.strictObject({
    kty: z.literal("RSA"),
    keySize: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).default(2048),
    keyOps: z
      .array(z.enum(["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]))
      .optional(),
  }),
});

/**
 * A key of a vault, without key material. A PUT of an existing key changes nothing and makes no version; the Resource Manager
 * deletes no keys. Source: the REST API's "Keys - Create If Not Exist".
 */
export const vaultKey = resourceType({
  type: `${KEY_VAULTS}/keys`,
  apiVersions: API_VERSIONS,
  schema: KEY_BODY,
  createdStatus: 200,
  deletable: false,
  requireValidName: (name) => {
    if (/^[a-z0-9-]{1,127}$/i.test(name)) return;
    throw new ArmError(400, "BadParameter", `The key name '${name}' is invalid.`);
  },
  put: ({ names: [vault = "", key = ""], body, existing }): Shown => {
    if (existing) return existing.shown;
    const keyUri = `https://${vault}.vault.azure.net/keys/${key}`;
    const keyUriWithVersion = `${keyUri}/${crypto.randomBytes(16).toString("hex")}`;
    const attributes = { enabled: true, exportable: false };
    return { ...body, properties: { ...body.properties, attributes, keyUri, keyUriWithVersion } };
  },
});
