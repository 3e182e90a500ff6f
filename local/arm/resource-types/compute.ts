import { z } from "zod";
import { type VirtualMachineBackend } from "../../backends/virtual-machine";
import { ArmError, invalidReference } from "../arm-error";
import { partial } from "../request-body";
import { resourceKey } from "../resource-id";
import { type ResourceRecord } from "../resource-store";
import { type PutRequest, resourceType, type ResourceType } from "../resource-type";
import { LOCATION, TAGS } from "./common-schemas";
import { requireAdminUsername, requireMachineName, requireSize } from "./machine-rules";

const TYPE = "Microsoft.Compute/virtualMachines";

const BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  identity: z.strictObject({ type: z.enum(["None"]) }).optional(),
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
      networkInterfaces: z
        .array(
          z.strictObject({
            id: z.string(),
            properties: z.strictObject({ primary: z.boolean().optional() }).optional(),
          }),
        )
        .length(1),
    }),
  }),
});

type Body = z.infer<typeof BODY>;

/**
 * A QEMU guest. Whatever image is asked for, it is the lab's own; a VM that stands keeps running when it is
 * updated, for nothing in the body reaches into a running guest.
 */
export function virtualMachine(backend: VirtualMachineBackend): ResourceType {
  return resourceType({
    type: TYPE,
    // azure-native's, and that of @azure/arm-compute 23: what local Azure takes and shows is the same in both.
    apiVersions: ["2024-11-01", "2025-04-01"],
    schema: BODY,
    patch: { schema: partial(BODY.omit({ location: true })) },
    asynchronous: ["PUT", "PATCH", "DELETE"],
    requireValidName: requireMachineName,
    validate: validateMachine,
    put: async ({ name, body, existing }) => {
      if (!existing) await createMachine(backend, name, body);
      return shown(body, existing);
    },
    delete: ({ name }) => backend.delete(name),
    actions: {
      start: { asynchronous: true, run: async ({ name }) => backend.start(name) },
      powerOff: { asynchronous: true, run: async ({ name }) => backend.powerOff(name) },
      deallocate: { asynchronous: true, run: async ({ name }) => backend.powerOff(name) },
      restart: { asynchronous: true, run: async ({ name }) => backend.restart(name) },
    },
  });
}

function validateMachine({ id, body, store, existing }: PutRequest<Body>): void {
  const { hardwareProfile, networkProfile, osProfile } = body.properties;
  requireSize(hardwareProfile.vmSize);
  requireAdminUsername(osProfile.adminUsername);
  for (const { id: interfaceId } of networkProfile.networkInterfaces) {
    if (!store.get(interfaceId)) throw invalidReference(interfaceId);
  }
  if (existing) refuseChanges(existing, body);
  // One machine has room for one guest.
  const other = store.ofType(TYPE).find((record) => resourceKey(record.id) !== resourceKey(id));
  if (!other) return;
  throw new ArmError(
    409,
    "OperationNotAllowed",
    `Operation could not be completed as it results in exceeding approved quota: local Azure runs one VM, and '${other.name}' is there.`,
  );
}

async function createMachine(
  backend: VirtualMachineBackend,
  name: string,
  { properties: { osProfile } }: Body,
): Promise<void> {
  try {
    await backend.create({
      name,
      adminUsername: osProfile.adminUsername,
      computerName: osProfile.computerName,
      sshPublicKeys: osProfile.linuxConfiguration.ssh.publicKeys,
      customData: osProfile.customData,
    });
  } catch (error) {
    throw new ArmError(
      409,
      "OSProvisioningTimedOut",
      `OS provisioning of VM '${name}' did not finish: ${(error as Error).message}`,
    );
  }
}

/** Source: Azure's error PropertyChangeNotAllowed for osProfile and imageReference. */
function refuseChanges(existing: ResourceRecord, { properties }: Body): void {
  const before = existing.shown.properties as Body["properties"];
  const keys = ({ osProfile }: Body["properties"]) =>
    JSON.stringify(osProfile.linuxConfiguration.ssh.publicKeys.map(({ keyData }) => keyData));
  if (keys(before) !== keys(properties)) {
    throw new ArmError(
      409,
      "PropertyChangeNotAllowed",
      "Changing property 'linuxConfiguration.ssh.publicKeys' is not allowed.",
    );
  }
  for (const property of ["adminUsername", "computerName"] as const) {
    if (before.osProfile[property] !== properties.osProfile[property]) {
      throw new ArmError(
        409,
        "PropertyChangeNotAllowed",
        `Changing property 'osProfile.${property}' is not allowed.`,
      );
    }
  }
}

/** The body without customData, which Azure never shows. */
function shown(body: Body, existing?: ResourceRecord) {
  const { osProfile } = body.properties;
  const { customData: _secret, ...visibleProfile } = osProfile;
  const before = existing?.shown.properties as { vmId?: string } | undefined;
  return {
    ...body,
    properties: {
      ...body.properties,
      osProfile: { ...visibleProfile, allowExtensionOperations: true, secrets: [] },
      vmId: before?.vmId ?? crypto.randomUUID(),
      timeCreated: new Date().toISOString(),
      provisioningState: "Succeeded",
    },
  };
}
