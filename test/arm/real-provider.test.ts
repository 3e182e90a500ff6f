import * as https from "node:https";
import { testCloud } from "./support/cloud";
import { PASSWORD, SERVER, serverId } from "./support/flexible-server";
import { GoProvider, type ProviderSettings, tokenForm } from "./support/go-provider";
import { type Answer, call } from "./support/http";

const GROUPS_API = "2024-03-01";
const SERVERS_API = "2025-08-01";

const cloud = testCloud({ withGroup: false });

const settings = (): ProviderSettings => ({
  metadataHost: new URL(cloud.url).host,
  tenantId: cloud.tenantId,
  clientId: cloud.clientId,
  clientSecret: cloud.clientSecret,
  ca: cloud.ca,
});

const requestToken = (form: URLSearchParams, tenant: string = cloud.tenantId): Promise<Answer> =>
  call(`${cloud.url}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: form.toString(),
    ca: cloud.ca,
  });

test("the real provider's requests create, show and delete a group and a flexible server", async () => {
  const provider = await GoProvider.connect(settings());
  const group = await provider.create(cloud.group, GROUPS_API, { location: "westeurope" });
  expect(group).toMatchObject({ id: cloud.group, properties: { provisioningState: "Succeeded" } });
  const server = await provider.create(serverId(cloud), SERVERS_API, {
    location: "westeurope",
    properties: {
      administratorLogin: "pgadmin",
      administratorLoginPassword: PASSWORD,
      createMode: "Default",
      storage: { storageSizeGB: 32 },
      version: "15",
    },
    sku: { name: "Standard_B1ms", tier: "Burstable" },
  });
  expect(server).toMatchObject({ id: serverId(cloud), name: SERVER });
  await expect(provider.create(serverId(cloud), SERVERS_API, {})).rejects.toThrow(/existing/);
  const shown = await provider.send("GET", serverId(cloud), SERVERS_API);
  expect(shown.body).toMatchObject({ properties: { state: "Ready" } });
  await provider.delete(serverId(cloud), SERVERS_API);
  expect((await provider.send("GET", serverId(cloud), SERVERS_API)).status).toBe(404);
  await provider.delete(cloud.group, GROUPS_API);
  expect((await provider.send("GET", cloud.group, GROUPS_API)).status).toBe(404);
});

test("a client that trusts only the system's authorities refuses local Azure", async () => {
  const url = `${cloud.url}/metadata/endpoints?api-version=2022-09-01`;
  const untrusting = new Promise((resolve, reject) => https.get(url, resolve).on("error", reject));
  await expect(untrusting).rejects.toThrow(/certificate/);
});

describe("the metadata document", () => {
  const metadata = (query: string) =>
    call(`${cloud.url}/metadata/endpoints${query}`, { ca: cloud.ca });

  test("is one cloud since api-version 2022-09-01, and a list before", async () => {
    const one = (await metadata("?api-version=2022-09-01")).body;
    expect(one).toMatchObject({ name: "LocalAzure", resourceManager: cloud.url });
    expect((await metadata("?api-version=2020-06-01")).body).toEqual([one]);
  });

  test.each(["", "?api-version=2015-01-01"])("is refused for '%s'", async (query) => {
    expect(await metadata(query)).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidApiVersionParameter" } },
    });
  });
});

describe("the token endpoint", () => {
  test.each<[string, () => string, number, RegExp]>([
    ["another resource", () => "https://graph.microsoft.com/.default", 500011, /graph.*has https:/],
    ["a scope without /.default", () => `${cloud.url}/user`, 70011, /followed by \/\.default/],
    ["two resources", () => `${cloud.url}/.default https://x/.default`, 70011, /one resource/],
    ["no resource", () => "", 70011, /one resource/],
  ])("refuses %s", async (_, scope, number, description) => {
    expect(await requestToken(tokenForm(settings(), scope()))).toMatchObject({
      status: 400,
      body: {
        error_codes: [number],
        error_description: expect.stringMatching(description) as unknown,
      },
    });
  });

  test("refuses an OIDC token and reports how to sign in", async () => {
    const form = tokenForm(settings(), `${cloud.url}/.default`);
    form.delete("client_secret");
    form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.set("client_assertion", "eyJ0eXAiOiJKV1QifQ.e30.c2ln");
    expect(await requestToken(form)).toMatchObject({
      status: 401,
      body: {
        error: "invalid_client",
        error_description: expect.stringMatching(
          /AADSTS70021: .*unset ARM_USE_OIDC .*ARM_CLIENT_SECRET/,
        ) as unknown,
      },
    });
  });

  test("knows only one tenant, as does the discovery document", async () => {
    const tenant = "00000000-0000-0000-0000-000000000000";
    const refused = { status: 400, body: { error: "invalid_tenant", error_codes: [90002] } };
    const form = tokenForm(settings(), `${cloud.url}/.default`);
    expect(await requestToken(form, tenant)).toMatchObject(refused);
    const document = `${cloud.url}/${tenant}/v2.0/.well-known/openid-configuration`;
    expect(await call(document, { ca: cloud.ca })).toMatchObject(refused);
    expect((await requestToken(form, cloud.tenantId.toUpperCase())).status).toBe(200);
  });
});
