import { LabNetwork } from "../../../components/network";
import { PLACEMENT, record } from "../support/record";

const recordNetwork = (privatePostgres: boolean) =>
  record(() => {
    const sshSourceAddressPrefixes = ["203.0.113.7", "198.51.100.0/24"];
    new LabNetwork("network", { ...PLACEMENT, sshSourceAddressPrefixes, privatePostgres });
  });

describe("the network", () => {
  test("lets the given addresses in by SSH, and nobody by anything else", async () => {
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

  test("puts the security group before the VM's subnet, and the VM's interface into that", async () => {
    const recorder = await recordNetwork(false);
    expect(recorder.get("network-vm-subnet").inputs.networkSecurityGroup).toEqual({
      id: expect.stringContaining("/networkSecurityGroups/network-nsg") as unknown,
    });
    expect(recorder.get("network-nic").after).toEqual(
      expect.arrayContaining(["network-vm-subnet", "network-ip"]),
    );
  });

  test("makes its subnets one after the other: Azure refuses two writes to a network at once", async () => {
    const recorder = await recordNetwork(true);
    expect(recorder.get("network-postgres-subnet").after).toContain("network-vm-subnet");
    expect(recorder.get("network-postgres-subnet").inputs).toMatchObject({
      delegations: [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
    });
  });

  test("has no room for a server that is public", async () => {
    const names = (await recordNetwork(false)).resources.map(({ name }) => name).sort();
    expect(names).toEqual([
      ...["network", "network-ip", "network-nic", "network-nsg", "network-vm-subnet"],
    ]);
  });

  test("carries the tags on whatever takes them", async () => {
    const recorder = await recordNetwork(true);
    const tagless = recorder.resources.filter(({ inputs }) => inputs.tags === undefined);
    expect(tagless.map(({ name }) => name).sort()).toEqual([
      ...["network-postgres-subnet", "network-vm-subnet"],
    ]);
  });
});
