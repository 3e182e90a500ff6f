import type { ComputeManagementClient, VirtualMachine } from "@azure/arm-compute";
import {
  all,
  AT_ONCE,
  computeClient,
  GROUP,
  LOCATION,
  createNetwork,
  restError,
} from "../support/clients";
import { testCloud } from "../support/cloud";
import { machineBody } from "../support/machine";

const cloud = testCloud();
let client: ComputeManagementClient;
let machine: VirtualMachine;
beforeAll(async () => {
  client = computeClient(cloud);
  const { nicId } = await createNetwork(cloud);
  machine = { location: LOCATION, ...machineBody(nicId).properties };
});

const failure = (error: Promise<unknown>) => expect(error).rejects;

describe("virtual machines", () => {
  test("are created by a long-running operation, read and listed", async () => {
    const created = await client.virtualMachines.beginCreateOrUpdateAndWait(
      GROUP,
      "vm",
      machine,
      AT_ONCE,
    );
    expect(created).toMatchObject({
      name: "vm",
      provisioningState: "Succeeded",
      hardwareProfile: { vmSize: "Standard_B2s" },
      osProfile: { adminUsername: "azureuser" },
    });
    expect(created.osProfile).not.toHaveProperty("customData");
    expect(await client.virtualMachines.get(GROUP, "vm")).toEqual(created);
    expect(await all(client.virtualMachines.list(GROUP))).toMatchObject([{ vmId: created.vmId }]);
    expect(await all(client.virtualMachines.listAll())).toMatchObject([{ vmId: created.vmId }]);
  });

  test("are changed by PATCH, and keep running", async () => {
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
    const done = ["restart", "powerOff", "start", "powerOff"].map(
      (what) => `${what} pg-workshop/vm`,
    );
    expect(cloud.machines.done).toEqual(done);
  });

  test("that don't exist, or that have the interface of another, cause typed errors", async () => {
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
    ).toEqual(restError(400, "NicInUse", /virtualMachines\/vm\./));
  });

  test("refuse an action that local Azure doesn't support", async () => {
    await failure(client.virtualMachines.generalize(GROUP, "vm")).toEqual(
      restError(405, "MethodNotAllowed", /no action 'generalize' of Microsoft.Compute.*COVERAGE/),
    );
  });

  test("whose creation fails make the client's poller fail with the reason", async () => {
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
