import { LabNetwork } from "../../../components/network";
import { labConfig } from "../support/project-config";
import { PLACEMENT, record } from "../support/record";
import { SUBSCRIPTION } from "../support/recorder";

const recordNetwork = (privatePostgres: boolean, settings: Record<string, unknown> = {}) =>
  record(() => {
    const config = labConfig({
      sshSourceAddressPrefixes: ["203.0.113.7", "198.51.100.0/24"],
      postgresNetworkAccess: privatePostgres ? "private" : "public",
      ...settings,
    });
    new LabNetwork("network", { ...PLACEMENT, config });
  });

describe("the network", () => {
  test("allows the given addresses by SSH, and nothing else", async () => {
    const { inputs } = (await recordNetwork(true)).get("network-nsg");
    expect(inputs.securityRules).toEqual([
      {
        name: "ssh-from-operators",
        priority: 100,
        direction: "Inbound",
        access: "Allow",
        protocol: "Tcp",
        sourceAddressPrefixes: ["203.0.113.7", "198.51.100.0/24"],
        sourcePortRange: "*",
        destinationAddressPrefix: "*",
        destinationPortRange: "22",
      },
    ]);
  });

  test("creates the security group before the VM's subnet, and the VM's interface in it", async () => {
    const recorder = await recordNetwork(false);
    expect(recorder.get("network-vm-subnet").inputs.networkSecurityGroup).toEqual({
      id: expect.stringContaining("/networkSecurityGroups/network-nsg") as unknown,
    });
    expect(recorder.get("network-nic").inputs.networkSecurityGroup).toBeUndefined();
    expect(recorder.get("network-nic").after).toEqual(
      expect.arrayContaining(["network-vm-subnet", "network-ip"]),
    );
  });

  test("creates its subnets one after the other: Azure refuses two writes to a network at once", async () => {
    const recorder = await recordNetwork(true);
    expect(recorder.get("network-postgres-subnet").after).toContain("network-vm-subnet");
    expect(recorder.get("network-postgres-subnet").inputs).toMatchObject({
      delegations: [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    });
  });

  test("deletes the zone's link before the server's subnet, which Azure otherwise takes to be in use", async () => {
    const recorder = await recordNetwork(true);
    expect(recorder.get("network-zone-link").after).toContain("network-postgres-subnet");
  });

  test("has no subnet or zone for a public server", async () => {
    const names = (await recordNetwork(false)).resources.map(({ name }) => name).sort();
    expect(names).toEqual([
      ...["network", "network-ip", "network-nic", "network-nsg", "network-vm-subnet"],
    ]);
  });

  test("is the team's with vmSubnetId: the security group is on the interface, and nothing in it is the stack's", async () => {
    const vmSubnetId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/OWN/providers/Microsoft.Network/virtualNetworks/hub/subnets/machines`;
    const recorder = await recordNetwork(false, { vmSubnetId });
    expect(recorder.resources.map(({ name }) => name).sort()).toEqual([
      ...["network-ip", "network-nic", "network-nsg"],
    ]);
    const { inputs, replaceOnChanges, deleteBeforeReplace } = recorder.get("network-nic");
    expect(inputs).toMatchObject({
      networkSecurityGroup: {
        id: expect.stringContaining("/networkSecurityGroups/network-nsg") as unknown,
      },
      ipConfigurations: [{ subnet: { id: vmSubnetId } }],
    });
    // Azure moves no interface to another network.
    expect(replaceOnChanges).toEqual(["ipConfigurations[*].subnet"]);
    expect(deleteBeforeReplace).toBe(true);
  });

  test("has the tags on every resource that supports them", async () => {
    const recorder = await recordNetwork(true);
    const tagless = recorder.resources.filter(({ inputs }) => inputs.tags === undefined);
    expect(tagless.map(({ name }) => name).sort()).toEqual([
      ...["network-postgres-subnet", "network-vm-subnet"],
    ]);
  });
});
