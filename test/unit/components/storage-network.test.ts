import { runProgram } from "../support/program";
import { type Recorder } from "../support/recorder";

const recorded = async (settings: Record<string, unknown>): Promise<Recorder> =>
  (await runProgram(settings)).recorder;
const rules = (recorder: Recorder) => recorder.get("storage").inputs.networkRuleSet;

describe("the storage account's network", () => {
  test("is open by default, and the subnet has no service endpoint", async () => {
    const recorder = await recorded({});
    expect(rules(recorder)).toEqual({
      defaultAction: "Allow",
      bypass: "AzureServices",
      ipRules: [],
      virtualNetworkRules: [],
    });
    expect(recorder.get("network-vm-subnet").inputs.serviceEndpoints).toBeUndefined();
  });

  test("is closed but for trusted services, the VM's subnet and the operators' public addresses", async () => {
    const recorder = await recorded({
      storageNetworkAccess: "trusted",
      sshSourceAddressPrefixes: [
        ...["20.50.60.70/32", "20.50.60.8/31", "20.50.61.0/24"],
        ...["10.1.0.0/16", "192.168.1.1", "127.0.0.1/32"],
      ],
    });
    expect(rules(recorder)).toEqual({
      defaultAction: "Deny",
      bypass: "AzureServices",
      ipRules: ["20.50.60.70", "20.50.60.8", "20.50.60.9", "20.50.61.0/24"].map((value) => ({
        iPAddressOrRange: value,
      })),
      virtualNetworkRules: [
        {
          virtualNetworkResourceId: expect.stringContaining(
            "/subnets/network-vm-subnet",
          ) as unknown,
        },
      ],
    });
    expect(recorder.get("network-vm-subnet").inputs.serviceEndpoints).toEqual([
      { service: "Microsoft.Storage" },
    ]);
  });

  test("is closed but for trusted services and a private endpoint, which the mount waits for", async () => {
    const recorder = await recorded({ storageNetworkAccess: "private" });
    expect(rules(recorder)).toMatchObject({
      defaultAction: "Deny",
      bypass: "AzureServices",
      ipRules: [],
      virtualNetworkRules: [],
    });
    expect(recorder.get("storage-access-zone").inputs.privateZoneName).toBe(
      "privatelink.blob.core.windows.net",
    );
    expect(recorder.get("storage-access").inputs.privateLinkServiceConnections).toEqual([
      {
        name: "blob",
        groupIds: ["blob"],
        privateLinkServiceId: expect.stringContaining("/storageAccounts/pgauditlogs") as unknown,
      },
    ]);
    const [mount] = recorder.ofType("pg-audit-lab:index:BlobfuseMount");
    expect(mount?.after).toContain("storage-access-zone-group");
  });
});
