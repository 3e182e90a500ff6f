import * as https from "node:https";
import { call, errorOf } from "./support/http";
import { testCloud } from "./support/cloud";

const NETWORK_API = "api-version=2024-05-01";
const NETWORK = {
  location: "westeurope",
  properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
};

const cloud = testCloud({ withGroup: false });
const network = (name = "net") =>
  `${cloud.group}/providers/Microsoft.Network/virtualNetworks/${name}`;

describe("signing in", () => {
  test("the metadata document contains the endpoints that clients need", async () => {
    const { url, tenantId, ca } = cloud;
    const { body } = await call(`${url}/metadata/endpoints?api-version=2022-09-01`, { ca });
    expect(body).toMatchObject({
      resourceManager: url,
      authentication: { loginEndpoint: url, audiences: [url] },
      suffixes: {
        storage: "core.windows.net",
        postgresqlServerEndpoint: "postgres.database.azure.com",
      },
    });
    const configuration = `${url}/${tenantId}/v2.0/.well-known/openid-configuration`;
    expect((await call(configuration, { ca })).body).toMatchObject({
      token_endpoint: `${url}/${tenantId}/oauth2/v2.0/token`,
    });
  });

  test("the token endpoint accepts the client secret", async () => {
    const { status, body } = await cloud.requestToken();
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
  });

  test.each([
    [{ client_secret: "guess" }, 401, "invalid_client", /AADSTS7000215/],
    [{ client_id: "other" }, 400, "unauthorized_client", /AADSTS700016/],
    [{ grant_type: "password" }, 400, "unsupported_grant_type", /AADSTS70003/],
  ])("the token endpoint refuses %j", async (fields, refused, error, description) => {
    const { status, body } = await cloud.requestToken(fields);
    expect(status).toBe(refused);
    expect(body).toMatchObject({
      error,
      error_description: expect.stringMatching(description) as unknown,
    });
  });

  test.each([{}, { Authorization: "Bearer guess" }, { Authorization: "Basic Zm9v" }])(
    "a request with the headers %j is refused",
    async (headers) => {
      const answer = await call(`${cloud.url}${cloud.group}?api-version=2024-03-01`, {
        headers: headers as Record<string, string>,
        ca: cloud.ca,
      });
      expect(errorOf(answer)).toMatchObject({ status: 401, code: "InvalidAuthenticationToken" });
    },
  );

  test("a client that doesn't trust the lab's authority refuses the server", async () => {
    await expect(
      new Promise((resolve, reject) => https.get(cloud.url, resolve).on("error", reject)),
    ).rejects.toThrow(/certificate/);
  });
});

describe("the Resource Manager refuses", () => {
  beforeAll(() => cloud.createGroup());

  test.each<[string, () => string, number, string, RegExp]>([
    ["no api-version", () => network(), 400, "MissingApiVersionParameter", /api-version/],
    [
      "an unknown api-version",
      () => `${network()}?api-version=2001-01-01`,
      400,
      "NoRegisteredProviderFound",
      /'2001-01-01'.*supported api-versions are '2024-05-01, 2025-05-01'/,
    ],
    [
      "an unknown type",
      () => `${cloud.group}/providers/Microsoft.Web/sites/site?api-version=2024-01-01`,
      404,
      "InvalidResourceType",
      /no resource type 'Microsoft.Web\/sites'; it has Microsoft.Resources\/resourceGroups,/,
    ],
    [
      "another subscription",
      () => `/subscriptions/other/resourceGroups/g?api-version=2024-03-01`,
      404,
      "SubscriptionNotFound",
      /'other'/,
    ],
    [
      "an unknown group",
      () => `${network().replace("PG-WORKSHOP", "NOWHERE")}?${NETWORK_API}`,
      404,
      "ResourceGroupNotFound",
      /'NOWHERE'/,
    ],
    [
      "a missing parent",
      () => `${network("nowhere")}/subnets/vm?${NETWORK_API}`,
      404,
      "ParentResourceNotFound",
      /virtualNetworks\/nowhere' was not found/,
    ],
  ])("%s", async (_, path, status, code, message) => {
    const body = path().includes("/subnets/")
      ? { properties: { addressPrefix: "10.0.0.0/24" } }
      : NETWORK;
    const answer = errorOf(await cloud.request("PUT", path(), body));
    expect(answer).toMatchObject({
      status,
      code,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test("an unknown property, with every problem of the body", async () => {
    const body = { location: 1, properties: { ...NETWORK.properties, ddos: true } };
    const answer = errorOf(await cloud.request("PUT", `${network()}?${NETWORK_API}`, body));
    expect(answer).toMatchObject({ status: 400, code: "InvalidRequestContent" });
    expect(answer.message).toMatch(/location:.*properties: Unrecognized key: "ddos"/);
  });

  test("a body that isn't JSON, with the place of the error", async () => {
    const body = '{\n  "location": west\n}';
    const answer = await cloud.request("PUT", `${network()}?${NETWORK_API}`, body);
    expect(errorOf(answer)).toEqual({
      status: 400,
      code: "InvalidRequestContent",
      message: "The request content is not valid JSON: InvalidSymbol at line 2, column 15.",
    });
  });

  test("a resource that doesn't exist, and an unknown action", async () => {
    expect(errorOf(await cloud.request("GET", `${network("no")}?${NETWORK_API}`))).toMatchObject({
      status: 404,
      code: "ResourceNotFound",
    });
    const action = await cloud.request("POST", `${network()}/dance?${NETWORK_API}`);
    expect(errorOf(action)).toMatchObject({
      status: 405,
      code: "MethodNotAllowed",
      message: expect.stringMatching(
        /no action 'dance' of Microsoft.Network\/virtualNetworks; it has GET, PUT, PATCH, DELETE, list.*local\/COVERAGE.md/,
      ) as unknown,
    });
  });

  test("and creates nothing", async () => {
    const { body } = await cloud.request("GET", `${cloud.group}/resources?api-version=2024-03-01`);
    expect(body).toEqual({ value: [] });
  });
});

describe("resources", () => {
  beforeAll(() => cloud.createGroup());

  test("are found in any letter case, and a repeated PUT changes nothing", async () => {
    const path = `${network()}?${NETWORK_API}`;
    const first = await cloud.request("PUT", path, NETWORK);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ id: network(), name: "net", ...NETWORK });
    expect((await cloud.request("PUT", path, NETWORK)).status).toBe(200);
    const found = await cloud.request(
      "GET",
      path.toUpperCase().replace("API-VERSION", "api-version"),
    );
    expect(found.body).toEqual(first.body);
  });

  test("are deleted with their group, and a repeated DELETE is no error", async () => {
    await cloud.put(`${network()}?${NETWORK_API}`, NETWORK);
    await cloud.put(`${network()}/subnets/vm?${NETWORK_API}`, {
      properties: { addressPrefix: "10.0.0.0/24" },
    });
    const listed = await cloud.request("GET", `${network()}/subnets?${NETWORK_API}`);
    expect(listed.body).toMatchObject({ value: [{ name: "vm" }] });
    expect((await cloud.deleteGroup()).status).toBe(200);
    await cloud.createGroup();
    expect((await cloud.request("GET", `${network()}?${NETWORK_API}`)).status).toBe(404);
    expect((await cloud.request("DELETE", `${network()}?${NETWORK_API}`)).status).toBe(204);
  });
});
