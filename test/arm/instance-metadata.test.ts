import * as crypto from "node:crypto";
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { InstanceMetadata } from "../../local/arm/instance-metadata";
import { createNetwork } from "./support/clients";
import { testCloud } from "./support/cloud";
import { machineBody } from "./support/machine";
import { MISMATCH, STORAGE, StorageReaders } from "./support/storage-readers";

const MACHINE_API = "api-version=2025-04-01";
const cloud = testCloud();
const readers = new StorageReaders(cloud);
beforeAll(async () => {
  await createNetwork(cloud);
  await readers.create();
}, 60_000);

describe("the instance metadata service of a machine", () => {
  const machine = `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm`;
  const identity = `${cloud.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
  let server: http.Server;

  const nic = `${cloud.group}/providers/Microsoft.Network/networkInterfaces/nic`;
  const putMachine = (value?: object) =>
    cloud.put(`${machine}?${MACHINE_API}`, { ...machineBody(nic), identity: value });
  const shownIdentity = async () => {
    const { body } = await cloud.request("GET", `${machine}?${MACHINE_API}`);
    return (body as { identity: Record<string, string> }).identity;
  };

  /** @param query without the api-version */
  function ask(query: string, headers: Record<string, string> = { Metadata: "true" }) {
    const { port } = server.address() as AddressInfo;
    const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`;
    return fetch(`http://127.0.0.1:${port}${path}`, { headers }).then(async (response) => ({
      status: response.status,
      body: (await response.json()) as Record<string, string>,
    }));
  }
  const resource = `resource=${encodeURIComponent(STORAGE)}`;

  beforeAll(async () => {
    const { store } = cloud.parts;
    const { tokens, tenantId, url } = cloud;
    const metadata = new InstanceMetadata({ store, tokens, tenantId, resourceManager: url });
    server = http.createServer(metadata.listener("pg-workshop/vm"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());

  it("has no token for a machine without identity", async () => {
    await putMachine();
    expect(await ask(resource)).toEqual({
      status: 400,
      body: { error: "invalid_request", error_description: "Identity not found" },
    });
  });

  it("gives a token of the system-assigned identity, which reads once it has a role", async () => {
    await putMachine({ type: "SystemAssigned" });
    const { principalId, tenantId } = await shownIdentity();
    expect(tenantId).toBe(cloud.tenantId);
    const { status, body } = await ask(resource);
    expect(status).toBe(200);
    expect(body).toMatchObject({ resource: STORAGE, token_type: "Bearer", expires_in: "86400" });
    await expect(readers.list(body.access_token ?? "")).rejects.toMatchObject(MISMATCH);
    await readers.assign(principalId ?? "");
    expect(await readers.list(body.access_token ?? "")).toEqual(["a"]);
    await putMachine({ type: "SystemAssigned" });
    expect(await shownIdentity()).toMatchObject({ principalId });
  });

  it("chooses a user-assigned identity by each of its ids", async () => {
    const missing = await putMachine({
      type: "UserAssigned",
      userAssignedIdentities: { [identity]: {} },
    });
    expect(missing.body).toMatchObject({ error: { code: "FailedIdentityOperation" } });
    const path = `${identity}?api-version=2023-01-31`;
    const { body } = await cloud.put(path, { location: "westeurope" });
    const { clientId = "", principalId = "" } = (body as { properties: Record<string, string> })
      .properties;
    await putMachine({ type: "UserAssigned", userAssignedIdentities: { [identity]: {} } });
    expect(await shownIdentity()).toEqual({
      type: "UserAssigned",
      userAssignedIdentities: { [identity]: { clientId, principalId } },
    });
    for (const choice of [
      `client_id=${clientId}`,
      `object_id=${principalId}`,
      `msi_res_id=${encodeURIComponent(identity)}`,
      "",
    ]) {
      expect((await ask(`${resource}&${choice}`)).body).toMatchObject({ client_id: clientId });
    }
    expect((await ask(`${resource}&client_id=${crypto.randomUUID()}`)).status).toBe(400);
  });

  it.each([
    ["without the header Metadata", resource, {}, /Required metadata header not specified/],
    [
      "that was forwarded",
      resource,
      { Metadata: "true", "X-Forwarded-For": "10.0.0.1" },
      /X-Forwarded-For/,
    ],
    ["without a resource", "", { Metadata: "true" }, /'resource' is missing/],
    [
      "for an unknown resource",
      "resource=https://example.com",
      { Metadata: "true" },
      /AADSTS500011/,
    ],
  ])("refuses a request %s", async (_, query, headers, message) => {
    const { status, body } = await ask(query, headers);
    expect(status).toBe(400);
    expect(body.error_description).toMatch(message);
  });
});
