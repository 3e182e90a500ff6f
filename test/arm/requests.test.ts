import { testCloud } from "./support/cloud";
import { errorOf } from "./support/http";

const NETWORK_API = "api-version=2024-05-01";
const GROUP_API = "api-version=2024-03-01";

const cloud = testCloud();
const networks = `${cloud.group}/providers/Microsoft.Network/virtualNetworks`;
beforeAll(() =>
  cloud.put(`${networks}/net?${NETWORK_API}`, {
    location: "westeurope",
    properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
  }),
);

describe("every response", () => {
  test("has request ids, also if it is an error", async () => {
    const answers = [
      await cloud.request("GET", `${cloud.group}?${GROUP_API}`),
      await cloud.request("GET", `${networks}/nowhere?${NETWORK_API}`),
      await cloud.request("GET", "/nowhere"),
    ];
    const ids = answers.map(({ headers }) => headers["x-ms-request-id"]);
    expect(new Set(ids).size).toBe(answers.length);
    for (const { headers } of answers) {
      expect(headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers["x-ms-correlation-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe("an unsupported path", () => {
  test.each<[string, () => string, number, string, RegExp]>([
    ["GET", () => `/nowhere?${GROUP_API}`, 404, "NotFound", /no GET of '\/nowhere'.*COVERAGE.md/],
    ["OPTIONS", () => `${networks}/net`, 404, "NotFound", /no OPTIONS of/],
    [
      "GET",
      () => `${cloud.group}/nothing?${GROUP_API}`,
      404,
      "InvalidResourcePath",
      /PG-WORKSHOP\/nothing'/,
    ],
    [
      "GET",
      () => `${cloud.group}/a/b/c?${GROUP_API}`,
      404,
      "InvalidResourcePath",
      /PG-WORKSHOP\/a\/b\/c'/,
    ],
    [
      "PUT",
      () => `${cloud.subscription}/providers/Microsoft.Network/virtualNetworks/net?${NETWORK_API}`,
      404,
      "InvalidResourcePath",
      /virtualNetworks must begin with the id of a resource group;/,
    ],
    [
      "PUT",
      () => `${networks}/net/providers/Microsoft.Network/virtualNetworks/net?${NETWORK_API}`,
      404,
      "InvalidResourcePath",
      /virtualNetworks must begin with the id of a resource group;/,
    ],
    [
      "PUT",
      () =>
        `${cloud.group}/providers/Microsoft.Insights/diagnosticSettings/d?api-version=2021-05-01-preview`,
      404,
      "InvalidResourcePath",
      /diagnosticSettings must begin with the id of the resource that it extends;/,
    ],
  ])("%s %#: is refused with the reason", async (method, path, status, code, message) => {
    const answer = await cloud.request(method, path(), method === "PUT" ? {} : undefined);
    expect(errorOf(answer)).toMatchObject({
      status,
      code,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test.each(["PUT", "PATCH", "DELETE", "POST"])(
    "a list refuses %s, which doesn't change its parent",
    async (method) => {
      const parent = await cloud.request("GET", `${networks}/net?${NETWORK_API}`);
      for (const list of [networks, `${networks}/net/subnets`]) {
        const answer = await cloud.request(method, `${list}?${NETWORK_API}`);
        expect(errorOf(answer)).toMatchObject({ status: 405, code: "MethodNotAllowed" });
      }
      expect(await cloud.request("GET", `${networks}/net?${NETWORK_API}`)).toMatchObject({
        status: 200,
        body: parent.body,
      });
    },
  );
});

describe("ids", () => {
  test("have Azure's letter case, and names keep that of their creation", async () => {
    const lower = `${networks.toLowerCase()}/Net2?${NETWORK_API}`;
    const body = {
      location: "westeurope",
      properties: { addressSpace: { addressPrefixes: ["10.1.0.0/16"] } },
    };
    expect((await cloud.put(lower, body)).body).toMatchObject({
      id: `${networks}/Net2`,
      name: "Net2",
    });
    expect((await cloud.put(`${networks}/NET2?${NETWORK_API}`, body)).body).toMatchObject({
      id: `${networks}/Net2`,
      name: "Net2",
    });
    const subnet = `${networks.toUpperCase()}/NET2/SUBNETS/vm?${NETWORK_API}`;
    const subnetBody = { properties: { addressPrefix: "10.1.0.0/24" } };
    expect((await cloud.put(subnet, subnetBody)).body).toMatchObject({
      id: `${networks}/Net2/subnets/vm`,
      type: "Microsoft.Network/virtualNetworks/subnets",
    });
  });
});

describe("subscriptions", () => {
  test("are only the one of local Azure", async () => {
    const api = "api-version=2022-12-01";
    const { body } = await cloud.request("GET", `/subscriptions?${api}`);
    const subscription = {
      id: cloud.subscription,
      tenantId: cloud.tenantId,
      state: "Enabled",
    };
    expect(body).toMatchObject({ value: [subscription] });
    const one = await cloud.request("GET", `${cloud.subscription}?${api}`);
    expect(one.body).toMatchObject(subscription);
    expect(errorOf(await cloud.request("GET", `/subscriptions/other?${api}`))).toMatchObject({
      status: 404,
      code: "SubscriptionNotFound",
    });
  });
});
