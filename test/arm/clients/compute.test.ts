import type { ComputeManagementClient, VirtualMachine } from "@azure/arm-compute";
import {
  all,
  AT_ONCE,
  computeClient,
  GROUP,
  LOCATION,
  makeNetwork,
  restError,
} from "../support/clients";
import { testCloud } from "../support/cloud";
import { machineBody } from "../support/machine";

const cloud = testCloud();
let client: ComputeManagementClient;
let machine: VirtualMachine;
beforeAll(async () => {
  client = computeClient(cloud);
  const { nicId } = await makeNetwork(cloud);
  machine = { location: LOCATION, ...machineBody(nicId).properties };
});

const failure = (error: Promise<unknown>) => expect(error).rejects;

describe("virtual machines", () => {
  test("are made by a long-running operation, read and listed", async () => {
    const made = await client.virtualMachines.beginCreateOrUpdateAndWait(
      GROUP,
      "vm",
      machine,
      AT_ONCE,
    );
    expect(made).toMatchObject({
      name: "vm",
      provisioningState: "Succeeded",
      hardwareProfile: { vmSize: "Standard_B2s" },
      osProfile: { adminUsername: "azureuser" },
    });
    expect(made.osProfile).not.toHaveProperty("customData");
    expect(await client.virtualMachines.get(GROUP, "vm")).toEqual(made);
    expect(await all(client.virtualMachines.list(GROUP))).toMatchObject([{ vmId: made.vmId }]);
    expect(await all(client.virtualMachines.listAll())).toMatchObject([{ vmId: made.vmId }]);
  });

  test("change in what PATCH says, and go on running as they are", async () => {
    const before = await client.virtualMachines.get(GROUP, "vm");
    const update = (parameters: Parameters<typeof client.virtualMachines.beginUpdateAndWait>[2]) =>
      client.virtualMachines.beginUpdateAndWait(GROUP, "vm", parameters, AT_ONCE);
    const changed = await update({ tags: { owner: "me" } });
    expect(changed).toMatchObject({
      tags: { owner: "me" },
      vmId: before.vmId,
      osProfile: before.osProfile,
      networkProfile: before.networkProfile,
    });
    expect(cloud.machines.created).toHaveLength(1);
    await failure(update({ osProfile: { adminUsername: "other" } })).toEqual(
      restError(409, "PropertyChangeNotAllowed", /osProfile.adminUsername/),
    );
    await failure(update({ licenseType: "RHEL_BYOS" })).toEqual(
      restError(400, "InvalidRequestContent", /Unrecognized key: "licenseType"/),
    );
  });

  test("are restarted, stopped and started", async () => {
    const { virtualMachines } = client;
    await virtualMachines.beginRestartAndWait(GROUP, "vm", AT_ONCE);
    await virtualMachines.beginPowerOffAndWait(GROUP, "vm", AT_ONCE);
    await virtualMachines.beginStartAndWait(GROUP, "vm", AT_ONCE);
    await virtualMachines.beginDeallocateAndWait(GROUP, "vm", AT_ONCE);
    expect(cloud.machines.done).toEqual(["restart vm", "powerOff vm", "start vm", "powerOff vm"]);
  });

  test("that aren't there, or more than local Azure has room for, are typed errors", async () => {
    const { virtualMachines } = client;
    await failure(virtualMachines.get(GROUP, "nowhere")).toEqual(
      restError(404, "ResourceNotFound", /virtualMachines\/nowhere/),
    );
    await failure(virtualMachines.beginRestartAndWait(GROUP, "nowhere", AT_ONCE)).toEqual(
      restError(404, "ResourceNotFound"),
    );
    await failure(virtualMachines.beginUpdateAndWait(GROUP, "nowhere", {}, AT_ONCE)).toEqual(
      restError(404, "ResourceNotFound"),
    );
    await failure(
      virtualMachines.beginCreateOrUpdateAndWait(GROUP, "vm2", machine, AT_ONCE),
    ).toEqual(restError(409, "OperationNotAllowed", /'vm' exists/));
  });

  test("have no action that local Azure doesn't know", async () => {
    await failure(client.virtualMachines.generalize(GROUP, "vm")).toEqual(
      restError(405, "MethodNotAllowed", /no action 'generalize' of Microsoft.Compute.*COVERAGE/),
    );
  });

  test("that fail while they are made fail the client's poller with the reason", async () => {
    await client.virtualMachines.beginDeleteAndWait(GROUP, "vm", AT_ONCE);
    cloud.machines.problem = new Error("the console ended with: panic");
    await failure(
      client.virtualMachines.beginCreateOrUpdateAndWait(GROUP, "vm", machine, AT_ONCE),
    ).toThrow(/OSProvisioningTimedOut.*panic/s);
    cloud.machines.problem = undefined;
    await failure(client.virtualMachines.get(GROUP, "vm")).toEqual(
      restError(404, "ResourceNotFound"),
    );
  });
});
