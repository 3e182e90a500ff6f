import { vmSubnetObstacles, vmSubnetProblems } from "../../../components/vm-subnet";
import { labConfig } from "../support/project-config";
import { runProgram } from "../support/program";
import { record } from "../support/record";
import { SECRETS, SUBSCRIPTION } from "../support/recorder";

const id = (name: string, subscription = SUBSCRIPTION) =>
  `/subscriptions/${subscription}/resourceGroups/OWN/providers/Microsoft.Network/virtualNetworks/hub/subnets/${name}`;

const SERVER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/OWN/providers/Microsoft.DBforPostgreSQL/flexibleServers/private-db`;

test("a private server that exists is audited by a VM in its network, which stays as it is", async () => {
  const { recorder } = await runProgram({
    postgresNetworkAccess: "private",
    postgres: { existingServerId: SERVER, administratorPassword: SECRETS.existingPassword },
    vmSubnetId: id("machines"),
    storageNetworkAccess: "trusted",
  });
  const types = recorder.resources.map(({ type }) => type);
  expect(types.filter((type) => /VirtualNetwork|Subnet|privatedns/i.test(type))).toEqual([]);
  const vm = recorder.get("vm");
  // Another network means another interface, and so another VM.
  expect(vm.after).toContain("network-nic");
  expect(vm.replaceOnChanges).toContain("networkProfile");
  expect(recorder.get("storage").inputs.networkRuleSet).toMatchObject({
    virtualNetworkRules: [{ virtualNetworkResourceId: id("machines") }],
  });
  expect(recorder.get("audit-extension-private-db").inputs.environment).toMatchObject({
    PGHOST: "private-db.postgres.database.azure.com",
    VM_HOST: "192.0.2.10",
  });
});

test.each([
  ["delegated to servers", id("postgres"), /is delegated to .*flexibleServers.*another subnet/],
  ["that doesn't exist", id("nowhere"), /can't be read; check vmSubnetId, and the sign-in's role/],
  [
    "of another subscription",
    id("machines", "another"),
    /is in the subscription another, and the sign-in is for/,
  ],
])("a subnet %s is found in the preview", async (_, vmSubnetId, message) => {
  let obstacles: Promise<string[]> | undefined;
  await record(() => {
    const config = labConfig({ postgresNetworkAccess: "public", vmSubnetId });
    obstacles = vmSubnetObstacles(config);
  });
  expect(await obstacles).toEqual([expect.stringMatching(message)]);
});

describe("a subnet is refused with what to do", () => {
  const fit = {
    location: "westeurope",
    postgresNetworkAccess: "private",
    storageNetworkAccess: "public",
  } as const;
  const found = { location: "West Europe" };

  test("but one that fits isn't", () => {
    expect(vmSubnetProblems(fit, found)).toEqual([]);
    const trusted = { ...fit, storageNetworkAccess: "trusted" } as const;
    for (const service of ["Microsoft.Storage", "Microsoft.Storage.Global"]) {
      const serviceEndpoints = [{ service, provisioningState: "Succeeded" }];
      expect(vmSubnetProblems(trusted, { ...found, serviceEndpoints })).toEqual([]);
    }
  });

  test.each([
    ["of another region", {}, { location: "North Europe" }, /config set location northeurope/],
    [
      "without the account's service endpoint",
      { storageNetworkAccess: "trusted" },
      {
        ...found,
        serviceEndpoints: [{ service: "Microsoft.Sql", provisioningState: "Succeeded" }],
      },
      /no service endpoint Microsoft\.Storage.*storageNetworkAccess public/,
    ],
    [
      "whose NAT gateway a public server's firewall doesn't let in",
      { postgresNetworkAccess: "public" },
      { ...found, natGateway: { id: "/nat" } },
      /NAT gateway.*choose a subnet without one/,
    ],
  ])("%s", (_, settings, subnet, message) => {
    const problems = vmSubnetProblems({ ...fit, ...settings } as typeof fit, subnet);
    expect(problems).toEqual([expect.stringMatching(message)]);
  });
});
