import type { NetworkManagementClient } from "@azure/arm-network";
import type { PrivateDnsManagementClient } from "@azure/arm-privatedns";
import {
  all,
  AT_ONCE,
  GROUP,
  LOCATION,
  createNetwork,
  networkClient,
  privateDnsClient,
  restError,
} from "../support/clients";
import { testCloud } from "../support/cloud";

const ZONE = "lab.postgres.database.azure.com";

const cloud = testCloud();
let client: NetworkManagementClient;
let dns: PrivateDnsManagementClient;
beforeAll(async () => {
  client = networkClient(cloud);
  dns = privateDnsClient(cloud);
  await createNetwork(cloud);
});

const names = (found: readonly { name?: string }[]) => found.map(({ name }) => name);

describe("networks", () => {
  test("are listed by group and by subscription, and subnets by network", async () => {
    const { virtualNetworks, subnets } = client;
    expect(names(await all(virtualNetworks.list(GROUP)))).toEqual(["net"]);
    expect(names(await all(virtualNetworks.listAll()))).toEqual(["net"]);
    expect(names(await all(subnets.list(GROUP, "net")))).toEqual(["vm"]);
    expect(await all(client.networkInterfaces.listAll())).toMatchObject([
      { name: "nic", ipConfigurations: [{ privateIPAddress: "10.0.0.4" }] },
    ]);
  });

  test("get new tags as a whole, and no other change", async () => {
    await client.virtualNetworks.updateTags(GROUP, "net", { tags: { owner: "me", stage: "a" } });
    const tagged = await client.virtualNetworks.updateTags(GROUP, "net", { tags: { stage: "b" } });
    expect(tagged.tags).toEqual({ stage: "b" });
    expect(tagged).toMatchObject({ addressSpace: { addressPrefixes: ["10.0.0.0/16"] } });
    const nic = await client.networkInterfaces.updateTags(GROUP, "nic", { tags: { stage: "b" } });
    expect(nic).toMatchObject({ ipConfigurations: [{ name: "primary" }], tags: { stage: "b" } });
  });

  test("cause an error that names the first missing part of a path", async () => {
    const { virtualNetworks, subnets } = client;
    await expect(virtualNetworks.get(GROUP, "nowhere")).rejects.toEqual(
      restError(404, "ResourceNotFound", /virtualNetworks\/nowhere/),
    );
    await expect(virtualNetworks.get("nowhere", "net")).rejects.toEqual(
      restError(404, "ResourceGroupNotFound", /'nowhere'/),
    );
    await expect(subnets.get(GROUP, "nowhere", "vm")).rejects.toEqual(
      restError(404, "ParentResourceNotFound", /virtualNetworks\/nowhere/),
    );
    await expect(all(subnets.list(GROUP, "nowhere"))).rejects.toEqual(
      restError(404, "ParentResourceNotFound"),
    );
    await expect(all(virtualNetworks.list("nowhere"))).rejects.toEqual(
      restError(404, "ResourceGroupNotFound"),
    );
  });

  test("have security groups that return their rules unchanged", async () => {
    const rule = {
      name: "ssh",
      protocol: "Tcp",
      access: "Allow",
      direction: "Inbound",
      priority: 100,
      sourceAddressPrefix: "192.0.2.1/32",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "22",
    };
    await client.networkSecurityGroups.beginCreateOrUpdateAndWait(GROUP, "nsg", {
      location: LOCATION,
      securityRules: [rule],
    });
    const changed = await client.networkSecurityGroups.updateTags(GROUP, "nsg", {
      tags: { owner: "me" },
    });
    expect(changed).toMatchObject({ tags: { owner: "me" }, securityRules: [rule] });
    await client.networkSecurityGroups.beginDeleteAndWait(GROUP, "nsg", AT_ONCE);
    await expect(client.networkSecurityGroups.get(GROUP, "nsg")).rejects.toEqual(
      restError(404, "ResourceNotFound"),
    );
  });

  test("keep their interfaces, which can change their subnet and not their network", async () => {
    const { networkInterfaces, subnets, virtualNetworks } = client;
    await virtualNetworks.beginCreateOrUpdateAndWait(GROUP, "other", {
      location: LOCATION,
      addressSpace: { addressPrefixes: ["10.9.0.0/16"] },
    });
    const putInto = async (net: string, addressPrefix: string) => {
      const { id } = await subnets.beginCreateOrUpdateAndWait(GROUP, net, "second", {
        addressPrefix,
      });
      return networkInterfaces.beginCreateOrUpdateAndWait(GROUP, "nic", {
        location: LOCATION,
        ipConfigurations: [{ name: "primary", subnet: { id } }],
      });
    };
    expect(await putInto("net", "10.0.2.0/24")).toMatchObject({
      ipConfigurations: [{ privateIPAddress: "10.0.2.4" }],
    });
    await expect(putInto("other", "10.9.0.0/24")).rejects.toEqual(
      restError(400, "SubnetsNotInSameVnet", /other\/subnets\/second/),
    );
  });

  test("have public addresses with Azure's rules", async () => {
    const address = {
      location: LOCATION,
      sku: { name: "Standard" },
      publicIPAllocationMethod: "Static",
    };
    const { publicIPAddresses } = client;
    expect(await publicIPAddresses.beginCreateOrUpdateAndWait(GROUP, "ip", address)).toMatchObject({
      ipAddress: "127.0.0.1",
      provisioningState: "Succeeded",
    });
    const dynamic = { ...address, publicIPAllocationMethod: "Dynamic" };
    await expect(
      publicIPAddresses.beginCreateOrUpdateAndWait(GROUP, "ip2", dynamic),
    ).rejects.toEqual(restError(400, "StandardSkuPublicIPAddressesMustBeStatic"));
  });
});

describe("private DNS", () => {
  test("zones are created, tagged and listed", async () => {
    const zone = await dns.privateZones.beginCreateOrUpdateAndWait(GROUP, ZONE, {
      location: "global",
    });
    expect(zone).toMatchObject({ name: ZONE, numberOfRecordSets: 1 });
    const tagged = await dns.privateZones.beginUpdateAndWait(GROUP, ZONE, { tags: { a: "b" } });
    expect(tagged).toMatchObject({ name: ZONE, tags: { a: "b" }, location: "global" });
    expect(names(await all(dns.privateZones.list()))).toEqual([ZONE]);
    expect(names(await all(dns.privateZones.listByResourceGroup(GROUP)))).toEqual([ZONE]);
  });

  test("links to networks are created, changed in one property, listed and deleted", async () => {
    const network = { id: `${cloud.group}/providers/Microsoft.Network/virtualNetworks/net` };
    const { virtualNetworkLinks: links } = dns;
    await links.beginCreateOrUpdateAndWait(GROUP, ZONE, "link", {
      location: "global",
      virtualNetwork: network,
      registrationEnabled: false,
    });
    const changed = await links.beginUpdateAndWait(GROUP, ZONE, "link", {
      registrationEnabled: true,
    });
    expect(changed).toMatchObject({ registrationEnabled: true, virtualNetwork: network });
    expect(names(await all(links.list(GROUP, ZONE)))).toEqual(["link"]);
    await links.beginDeleteAndWait(GROUP, ZONE, "link", AT_ONCE);
    expect(await all(links.list(GROUP, ZONE))).toEqual([]);
  });
});
