import type { ResourceManagementClient } from "@azure/arm-resources";
import {
  all,
  AT_ONCE,
  GROUP,
  LOCATION,
  createNetwork,
  resourcesClient,
  restError,
} from "../support/clients";
import { testCloud } from "../support/cloud";

const NETWORKS = "Microsoft.Network/virtualNetworks";
const NETWORK_API = "2025-05-01";

const cloud = testCloud({ withGroup: false });
let client: ResourceManagementClient;
beforeAll(() => {
  client = resourcesClient(cloud);
});

describe("resource groups", () => {
  test("are created, found in any letter case, and listed", async () => {
    const group = await client.resourceGroups.createOrUpdate(GROUP, {
      location: LOCATION,
      tags: { owner: "me" },
    });
    expect(group).toMatchObject({
      id: cloud.group,
      name: GROUP,
      type: "Microsoft.Resources/resourceGroups",
      properties: { provisioningState: "Succeeded" },
    });
    expect(await client.resourceGroups.get(GROUP.toLowerCase())).toEqual(group);
    expect(await all(client.resourceGroups.list())).toEqual([group]);
  });

  test("exist or not", async () => {
    expect(await client.resourceGroups.checkExistence(GROUP)).toMatchObject({ body: true });
    expect(await client.resourceGroups.checkExistence("nowhere")).toMatchObject({ body: false });
    await expect(client.resourceGroups.get("nowhere")).rejects.toEqual(
      restError(404, "ResourceGroupNotFound", /'nowhere' could not be found/),
    );
  });

  test("get new tags as a whole, and no other change", async () => {
    await client.resourceGroups.update(GROUP, { tags: { stage: "test" } });
    const { location, tags } = await client.resourceGroups.get(GROUP);
    expect({ location, tags }).toEqual({ location: LOCATION, tags: { stage: "test" } });
    await client.resourceGroups.update(GROUP, {});
    expect(await client.resourceGroups.get(GROUP)).toMatchObject({ tags: { stage: "test" } });
    await expect(client.resourceGroups.update("nowhere", {})).rejects.toEqual(
      restError(404, "ResourceGroupNotFound"),
    );
  });

  test("are listed in pages of the requested size, and by tag", async () => {
    for (const name of ["a", "b", "c", "d"]) {
      await client.resourceGroups.createOrUpdate(name, { location: LOCATION, tags: { name } });
    }
    const pages = client.resourceGroups.list({ top: 2 }).byPage();
    const sizes = [];
    for await (const page of pages) sizes.push(page.length);
    expect(sizes).toEqual([2, 2, 1]);
    const filter = "tagName eq 'name' and tagValue eq 'b'";
    expect(await all(client.resourceGroups.list({ filter }))).toMatchObject([{ name: "b" }]);
    for (const name of ["a", "b", "c", "d"]) {
      await client.resourceGroups.beginDeleteAndWait(name, AT_ONCE);
    }
  });
});

describe("resources of any type", () => {
  beforeAll(() => createNetwork(cloud));

  test("are listed in the group and the subscription, without children and details", async () => {
    const found = await all(client.resources.listByResourceGroup(GROUP));
    expect(found.map(({ name, type }) => ({ name, type }))).toEqual([
      { name: "net", type: NETWORKS },
      { name: "nic", type: "Microsoft.Network/networkInterfaces" },
    ]);
    expect(found[0]).not.toHaveProperty("properties");
    expect(await all(client.resources.list())).toEqual(found);
    await expect(all(client.resources.listByResourceGroup("nowhere"))).rejects.toEqual(
      restError(404, "ResourceGroupNotFound"),
    );
  });

  test("are filtered by type; an unsupported filter is refused", async () => {
    const filter = `resourceType eq '${NETWORKS.toLowerCase()}'`;
    expect(await all(client.resources.list({ filter }))).toMatchObject([{ name: "net" }]);
    const others = `resourceType ne '${NETWORKS}'`;
    expect(await all(client.resources.list({ filter: others }))).toMatchObject([{ name: "nic" }]);
    await expect(all(client.resources.list({ filter: "substringof('n', name)" }))).rejects.toEqual(
      restError(400, "InvalidFilterInQueryString", /substringof.*It supports resourceType/),
    );
  });

  test("are read, created, changed and deleted by their ids", async () => {
    const id = `${cloud.group}/providers/${NETWORKS}/other`;
    const network = { addressSpace: { addressPrefixes: ["10.9.0.0/16"] } };
    await client.resources.beginCreateOrUpdateByIdAndWait(id, NETWORK_API, {
      location: LOCATION,
      properties: network,
    });
    expect(await client.resources.checkExistenceById(id, NETWORK_API)).toMatchObject({
      body: true,
    });
    await client.resources.beginUpdateByIdAndWait(id, NETWORK_API, { tags: { owner: "me" } });
    expect(await client.resources.getById(id, NETWORK_API)).toMatchObject({
      tags: { owner: "me" },
      properties: network,
    });
    await client.resources.beginDeleteByIdAndWait(id, NETWORK_API, AT_ONCE);
    expect(await client.resources.checkExistenceById(id, NETWORK_API)).toMatchObject({
      body: false,
    });
  });

  test("are refused in an unsupported api-version", async () => {
    const id = `${cloud.group}/providers/${NETWORKS}/net`;
    await expect(client.resources.getById(id, "2015-06-15")).rejects.toEqual(
      restError(400, "NoRegisteredProviderFound", /'2015-06-15'.*2024-05-01, 2025-05-01/),
    );
  });

  test("of an unsupported type are refused with its name", async () => {
    const id = `${cloud.group}/providers/Microsoft.Web/sites/site`;
    await expect(client.resources.getById(id, "2024-04-01")).rejects.toEqual(
      restError(404, "InvalidResourceType", /'Microsoft.Web\/sites'.*local\/COVERAGE.md/),
    );
  });
});

describe("providers", () => {
  test("are registered, and show their types and api-versions", async () => {
    const providers = await all(client.providers.list());
    expect(providers.map(({ registrationState }) => registrationState)).not.toContain(undefined);
    expect(providers.map(({ namespace }) => namespace)).toEqual(
      expect.arrayContaining(["Microsoft.DBforPostgreSQL", "Microsoft.Insights"]),
    );
    expect(await client.providers.get("microsoft.storage")).toMatchObject({
      namespace: "Microsoft.Storage",
      registrationState: "Registered",
      resourceTypes: expect.arrayContaining([
        expect.objectContaining({ resourceType: "storageAccounts", apiVersions: ["2024-01-01"] }),
      ]) as unknown,
    });
    expect(await client.providers.register("Microsoft.Insights")).toMatchObject({
      registrationState: "Registered",
    });
    await expect(client.providers.get("Microsoft.Web")).rejects.toEqual(
      restError(404, "InvalidResourceNamespace", /'Microsoft.Web'/),
    );
  });
});

test("a group is deleted with its resources, with the client's poller", async () => {
  await client.resourceGroups.beginDeleteAndWait(GROUP, AT_ONCE);
  expect(await client.resourceGroups.checkExistence(GROUP)).toMatchObject({ body: false });
  expect(await all(client.resources.list())).toEqual([]);
});
