import { z } from "zod";
import {
  type ContainerSignatureOptions,
  type StorageBackend,
} from "../../backends/storage-accounts";
import { ArmError } from "../arm-error";
import { partial } from "../request-body";
import { type ResourceRecord } from "../resource-store";
import {
  type NamesTakenElsewhere,
  type PutRequest,
  resourceType,
  type ResourceType,
  type Shown,
} from "../resource-type";
import { CONTAINERS, STORAGE_ACCOUNTS } from "../resource-type-names";
import { creating, LOCATION, namesake, TAGS } from "./common";
import { NETWORK_ACLS, requireNetworkAcls, shownNetworkAcls } from "./storage-network-rules";
import { refuseLockedContainers } from "./storage-retention";

const API_VERSIONS = ["2024-01-01"];

const ACCOUNT_BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  kind: z.enum(["StorageV2", "Storage", "BlobStorage", "BlockBlobStorage", "FileStorage"]),
  sku: z.strictObject({
    name: z.enum(["Standard_LRS", "Standard_GRS", "Standard_ZRS", "Standard_RAGRS", "Premium_LRS"]),
  }),
  properties: z
    .strictObject({
      minimumTlsVersion: z.enum(["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]).optional(),
      supportsHttpsTrafficOnly: z.boolean().optional(),
      allowBlobPublicAccess: z.boolean().optional(),
      allowSharedKeyAccess: z.boolean().optional(),
      accessTier: z.enum(["Hot", "Cool", "Cold", "Premium"]).optional(),
      networkAcls: NETWORK_ACLS.optional(),
    })
    .optional(),
});

const CONTAINER_BODY = z.strictObject({
  properties: z
    .strictObject({
      publicAccess: z.enum(["None", "Blob", "Container"]).optional(),
      metadata: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

const REGENERATE_KEY_BODY = z.strictObject({ keyName: z.string() });

const SERVICE_SAS_BODY = z.strictObject({
  canonicalizedResource: z.string(),
  signedResource: z.literal("c"),
  signedPermission: z.string(),
  signedExpiry: z.string(),
  signedProtocol: z.enum(["https", "https,http"]).optional(),
});

function shownAccount(
  name: string,
  body: z.infer<typeof ACCOUNT_BODY>,
  existing?: ResourceRecord,
): Shown {
  const properties = existing?.shown.properties as { creationTime?: string } | undefined;
  return {
    ...body,
    sku: { ...body.sku, tier: body.sku.name.split("_")[0] },
    properties: {
      supportsHttpsTrafficOnly: true,
      accessTier: "Hot",
      ...body.properties,
      networkAcls: shownNetworkAcls(body.properties?.networkAcls),
      creationTime: properties?.creationTime ?? new Date().toISOString(),
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
      primaryLocation: body.location,
      statusOfPrimary: "available",
      provisioningState: "Succeeded",
    },
  };
}

export function storageAccount(
  backend: StorageBackend,
  namesTakenElsewhere: NamesTakenElsewhere,
): ResourceType {
  return resourceType({
    type: STORAGE_ACCOUNTS,
    apiVersions: API_VERSIONS,
    schema: ACCOUNT_BODY,
    patch: { schema: partial(ACCOUNT_BODY.omit({ location: true })) },
    asynchronous: ["PUT"],
    // Source: "Storage Accounts - Create", whose 200 is for an account that exists.
    synchronousUpdate: true,
    nameCheck: {
      paths: ["Microsoft.Storage/checkNameAvailability"],
      invalidReason: "AccountNameInvalid",
      takenElsewhere: namesTakenElsewhere,
    },
    requireValidName: (name) => {
      // Source: Azure's "Naming rules and restrictions", Microsoft.Storage.
      if (!/^[a-z0-9]{3,24}$/.test(name)) {
        throw new ArmError(
          400,
          "AccountNameInvalid",
          `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
        );
      }
    },
    validate: (request) => {
      requireFreeName(request, namesTakenElsewhere);
      requireNetworkAcls(request.body.properties?.networkAcls ?? {}, request.store);
    },
    put: async ({ name, body, existing }) => {
      await backend.createAccount(name);
      return shownAccount(name, body, existing);
    },
    whileCreating: ({ name, body }) => creating(shownAccount(name, body)),
    validateDelete: refuseLockedContainers,
    delete: ({ name }) => backend.deleteAccount(name),
    actions: {
      listKeys: { run: async ({ name }) => shownKeys(backend, name) },
      regenerateKey: {
        schema: REGENERATE_KEY_BODY,
        run: async ({ name }, body) => {
          const { keyName } = body as z.infer<typeof REGENERATE_KEY_BODY>;
          await backend.regenerateKey(name, keyIndex(keyName));
          return shownKeys(backend, name);
        },
      },
      listServiceSas: {
        schema: SERVICE_SAS_BODY,
        run: async ({ name }, body) => ({
          serviceSasToken: backend.containerSignature(
            name,
            signatureOptions(body as z.infer<typeof SERVICE_SAS_BODY>),
          ),
        }),
      },
    },
  });
}

const shownKeys = (backend: StorageBackend, account: string) => ({
  keys: backend
    .accountKeys(account)
    .map((value, index) => ({ keyName: `key${index + 1}`, value, permissions: "FULL" })),
});

/** Source of the names: the REST API's "Storage Accounts - Regenerate Key"; an account without Entra Kerberos has no kerb1. */
function keyIndex(name: string): 0 | 1 {
  if (name === "key1") return 0;
  if (name === "key2") return 1;
  throw new ArmError(
    400,
    "InvalidValuesForRequestParameters",
    "Values for request parameters are invalid: keyName.",
  );
}

/** Sources: hashicorp/terraform 11485; Azure's "Resolve errors for storage account names". */
function requireFreeName(
  { id, name, store }: PutRequest<unknown>,
  namesTakenElsewhere: NamesTakenElsewhere,
): void {
  if (namesTakenElsewhere.has(name)) {
    throw new ArmError(
      409,
      "StorageAccountAlreadyTaken",
      `The storage account named ${name} is already taken.`,
    );
  }
  if (namesake(store, STORAGE_ACCOUNTS, { id, name })) {
    throw new ArmError(
      409,
      "StorageAccountInAnotherResourceGroup",
      `The account ${name} is already in another resource group in this subscription.`,
    );
  }
}

export function blobContainer(backend: StorageBackend): ResourceType {
  return resourceType({
    type: CONTAINERS,
    apiVersions: API_VERSIONS,
    schema: CONTAINER_BODY,
    requireValidName: requireContainerName,
    patch: { schema: partial(CONTAINER_BODY) },
    parentOf: (id) => id.split("/").slice(0, -4).join("/"),
    put: async ({ names: [account = "", , container = ""], body }) => {
      await backend.createContainer(account, container);
      return { properties: { publicAccess: "None", ...body.properties } };
    },
    show: ({ id, name, shown }) => {
      const hasImmutabilityPolicy =
        backend.retention.immutability(accountOf(id), name) !== undefined;
      return { ...shown, properties: { ...(shown.properties as object), hasImmutabilityPolicy } };
    },
    exists: async ({ id, name }) => (await backend.containers(accountOf(id))).includes(name),
    // Azure Monitor and clients of the storage account create containers too.
    find: async (_id, [account = "", , container = ""]) =>
      (await backend.containers(account)).includes(container) ? UNDECLARED : undefined,
    list: async (service) =>
      (await backend.containers(service.split("/").at(-3) ?? "")).map((name) => ({
        name,
        shown: UNDECLARED,
      })),
    validateDelete: async ({ id, name }) => {
      const account = accountOf(id);
      if (!backend.retention.immutability(account, name)) return;
      if (!(await backend.isEmpty(account, name))) throw immutableContainer();
    },
    delete: ({ id, name }) => backend.deleteContainer(accountOf(id), name),
  });
}

/**
 * A container with a policy must be empty, also if the policy isn't locked. Sources: Azure's "Container-level write once,
 * read many (WORM) policies", deletion; azure-powershell 26148.
 */
const immutableContainer = (): ArmError =>
  new ArmError(
    409,
    "ContainerImmutabilityPolicyLocked",
    "The requested operation is not allowed as the container has a locked immutability policy.",
  );

/** A container that was created without the Resource Manager. */
const UNDECLARED: Shown = { properties: { publicAccess: "None" } };

/** Source: Azure Storage, "Naming and referencing containers, blobs, and metadata". */
function requireContainerName(name: string): void {
  if (["$root", "$logs", "$web"].includes(name)) return;
  if (/^[a-z0-9](-?[a-z0-9]){2,62}$/.test(name) && name.length <= 63) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `'${name}' is not a valid container name: it must consist of 3 to 63 lower-case letters, digits and hyphens, begin and end with a letter or digit, and not contain two hyphens in a row.`,
  );
}

const accountOf = (containerId: string): string => containerId.split("/").at(-5) ?? "";

function signatureOptions({
  canonicalizedResource,
  signedPermission,
  signedExpiry,
}: z.infer<typeof SERVICE_SAS_BODY>): ContainerSignatureOptions {
  return {
    container: canonicalizedResource.split("/").at(-1) ?? "",
    permissions: signedPermission,
    expiry: new Date(signedExpiry),
  };
}
