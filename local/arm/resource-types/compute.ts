import { z } from "zod";
import { type VirtualMachineBackend } from "../../backends/virtual-machine/virtual-machines";
import { ArmError, invalidReference } from "../arm-error";
import { IDENTITY, showIdentity, type ShownIdentity, validateIdentity } from "../managed-identity";
import { partial } from "../request-body";
import { resourceKey } from "../resource-id";
import { type ResourceRecord } from "../resource-store";
import { type PutRequest, resourceType, type ResourceType } from "../resource-type";
import { VIRTUAL_MACHINES } from "../resource-type-names";
import { creating, LOCATION, TAGS } from "./common";
import { type MachineAddresses, machineKeyOf } from "./network/machine-addresses";

const BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  identity: IDENTITY,
  properties: z.strictObject({
    hardwareProfile: z.strictObject({ vmSize: z.string() }),
    osProfile: z.strictObject({
      computerName: z.string(),
      adminUsername: z.string(),
      customData: z.base64().optional(),
      linuxConfiguration: z.strictObject({
        disablePasswordAuthentication: z.literal(true),
        ssh: z.strictObject({
          publicKeys: z
            .array(z.strictObject({ path: z.string().optional(), keyData: z.string() }))
            .min(1),
        }),
      }),
    }),
    storageProfile: z.strictObject({
      imageReference: z.strictObject({
        publisher: z.string(),
        offer: z.string(),
        sku: z.string(),
        version: z.string(),
      }),
      osDisk: z.strictObject({
        createOption: z.literal("FromImage"),
        deleteOption: z.enum(["Delete", "Detach"]).optional(),
        managedDisk: z.strictObject({ storageAccountType: z.string() }).optional(),
      }),
    }),
    networkProfile: z.strictObject({
      networkInterfaces: z.tuple([
        z.strictObject({
          id: z.string(),
          properties: z.strictObject({ primary: z.boolean().optional() }).optional(),
        }),
      ]),
    }),
    securityProfile: z
      .strictObject({
        securityType: z.literal("TrustedLaunch"),
        uefiSettings: z
          .strictObject({
            secureBootEnabled: z.boolean().optional(),
            vTpmEnabled: z.boolean().optional(),
          })
          .optional(),
      })
      .optional(),
  }),
});

type Body = z.infer<typeof BODY>;

/**
 * A QEMU guest. It always has the lab's image, whatever imageReference names, and no secure boot or TPM, whatever
 * securityProfile asks for; an update doesn't restart or change a running guest.
 */
export function virtualMachine(
  backend: VirtualMachineBackend,
  addresses: MachineAddresses,
  tenantId: string,
): ResourceType {
  return resourceType({
    type: VIRTUAL_MACHINES,
    // That of azure-native, and that of @azure/arm-compute 23.
    apiVersions: ["2024-11-01", "2025-04-01"],
    schema: BODY,
    patch: { schema: partial(BODY.omit({ location: true })) },
    asynchronous: ["PUT", "PATCH", "DELETE"],
    // Source: the status codes of "Virtual Machines - Create Or Update" and "- Update".
    acceptedWithResource: true,
    requireValidName: requireMachineName,
    validate: (request) => validateMachine(request, addresses),
    put: async (request) => {
      const { body, existing, store } = request;
      if (!existing) await createMachine(backend, addresses, request);
      const before = existing?.shown.identity as ShownIdentity | undefined;
      const identity = showIdentity(body.identity, before, { store, tenantId });
      return { ...shown(body, existing), identity };
    },
    // A machine whose disk is lost, or no longer fits its image, must be created again.
    exists: async ({ id }) => backend.state(machineKeyOf(id)) !== "absent",
    whileCreating: ({ body }) => {
      // The one that it will have isn't known yet.
      const { vmId: _, ...properties } = shown(body).properties;
      return creating({ ...body, properties });
    },
    delete: async ({ id }) => {
      await backend.delete(machineKeyOf(id));
      addresses.release(id);
    },
    actions: {
      start: { asynchronous: true, run: async ({ id }) => backend.start(machineKeyOf(id)) },
      powerOff: { asynchronous: true, run: async ({ id }) => backend.powerOff(machineKeyOf(id)) },
      deallocate: { asynchronous: true, run: async ({ id }) => backend.powerOff(machineKeyOf(id)) },
      restart: { asynchronous: true, run: async ({ id }) => backend.restart(machineKeyOf(id)) },
    },
  });
}

function validateMachine(
  { id, body, store, existing }: PutRequest<Body>,
  addresses: MachineAddresses,
): void {
  const { hardwareProfile, networkProfile, osProfile } = body.properties;
  requireSize(hardwareProfile.vmSize);
  requireAdminUsername(osProfile.adminUsername);
  requireGeneration2(body.properties);
  validateIdentity(body.identity, store);
  for (const { id: interfaceId } of networkProfile.networkInterfaces) {
    if (!store.get(interfaceId)) throw invalidReference(interfaceId);
    addresses.requireOwnInterface(id, interfaceId);
  }
  if (existing) refuseChanges(existing, body);
}

async function createMachine(
  backend: VirtualMachineBackend,
  addresses: MachineAddresses,
  { id, name, body: { properties } }: PutRequest<Body>,
): Promise<void> {
  const { networkProfile, osProfile } = properties;
  const [networkInterface] = networkProfile.networkInterfaces;
  try {
    await addresses.during(id, networkInterface.id, (sshHost) =>
      backend.create(machineKeyOf(id), sshHost, {
        adminUsername: osProfile.adminUsername,
        computerName: osProfile.computerName,
        sshPublicKeys: osProfile.linuxConfiguration.ssh.publicKeys,
        customData: osProfile.customData,
      }),
    );
  } catch (error) {
    if (error instanceof ArmError) throw error;
    throw new ArmError(
      409,
      "OSProvisioningTimedOut",
      `OS provisioning of VM '${name}' did not finish: ${(error as Error).message}`,
    );
  }
}

/**
 * Source: Azure's error PropertyChangeNotAllowed for osProfile and imageReference. Azure changes the security type and the
 * interfaces of a deallocated VM ("Enable Trusted Launch on existing VMs", "Add network interfaces to or remove network
 * interfaces from virtual machines"); local Azure of none.
 */
function refuseChanges(existing: ResourceRecord, { properties }: Body): void {
  const before = fixedProperties(existing.shown.properties as Body["properties"]);
  const after = fixedProperties(properties);
  const changed = Object.keys(after).find((name) => before[name] !== after[name]);
  if (changed === undefined) return;
  throw new ArmError(
    409,
    "PropertyChangeNotAllowed",
    `Changing property '${changed}' is not allowed.`,
  );
}

function fixedProperties(properties: Body["properties"]): Record<string, string> {
  const { networkProfile, osProfile, securityProfile, storageProfile } = properties;
  const { publisher, offer, sku, version } = storageProfile.imageReference;
  return {
    "linuxConfiguration.ssh.publicKeys": osProfile.linuxConfiguration.ssh.publicKeys
      .map(({ keyData }) => keyData)
      .join("\n"),
    "osProfile.adminUsername": osProfile.adminUsername,
    "osProfile.computerName": osProfile.computerName,
    imageReference: [publisher, offer, sku, version].join(":"),
    "networkProfile.networkInterfaces": resourceKey(networkProfile.networkInterfaces[0].id),
    "securityProfile.securityType": securityProfile?.securityType ?? "Standard",
  };
}

/** The body without customData, which Azure doesn't show. */
function shown(body: Body, existing?: ResourceRecord) {
  const { osProfile } = body.properties;
  const { customData: _secret, ...visibleProfile } = osProfile;
  const before = existing?.shown.properties as { vmId: string; timeCreated: string } | undefined;
  return {
    ...body,
    properties: {
      ...body.properties,
      osProfile: { ...visibleProfile, allowExtensionOperations: true, secrets: [] },
      vmId: before?.vmId ?? crypto.randomUUID(),
      timeCreated: before?.timeCreated ?? new Date().toISOString(),
      provisioningState: "Succeeded",
    },
  };
}

/** Source: Azure's REST API of virtual machines, osProfile.adminUsername. */
const RESERVED_USERNAMES: ReadonlySet<string> = new Set(
  `administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david
  guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5`.split(
    /\s+/,
  ),
);

/** Source of the rule: Azure's "Naming rules and restrictions", Microsoft.Compute, for Linux. */
function requireMachineName(name: string): void {
  if (/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62}[a-zA-Z0-9_])?$/.test(name)) return;
  throw invalidParameter(
    `The VM name '${name}' is not valid: it must consist of 1 to 64 letters, digits, hyphens, dots and underscores, begin with a letter or digit, and not end with a dot or hyphen.`,
  );
}

/** Source of code and text: hashicorp/terraform 5793, azure-docs 27881. */
function requireAdminUsername(name: string): void {
  if (!RESERVED_USERNAMES.has(name.toLowerCase()) && /^[^\s"/\\[\]:|<>+=;,?*@&]{1,64}$/.test(name))
    return;
  throw invalidParameter("The Admin Username specified is not allowed.");
}

/** Checks only the form of the name: which sizes exist depends on region and subscription. */
function requireSize(size: string): void {
  if (
    /^(Basic_A|Standard_[A-Z]{1,3})\d+[a-z-]*(\d+[a-z]*)?(_[A-Z0-9]+)?(_v\d+)?(_Promo)?$/.test(size)
  )
    return;
  throw invalidParameter(
    `The value ${size} provided for the VM size is not valid. An example of a valid size is Standard_B2s.`,
  );
}

/**
 * Secure boot needs an image of generation 2, for RHEL a SKU with gen2 in its name. Source: azure-native's schema of
 * UefiSettings; "Trusted Launch FAQ", the error for images of generation 1.
 */
function requireGeneration2({ securityProfile, storageProfile }: Body["properties"]): void {
  if (securityProfile?.securityType !== "TrustedLaunch") return;
  if (/gen2$/.test(storageProfile.imageReference.sku)) return;
  throw new ArmError(
    400,
    "BadRequest",
    "Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted Launch Supported Gen2 OS Image.",
  );
}

const invalidParameter = (message: string): ArmError =>
  new ArmError(400, "InvalidParameter", message);
