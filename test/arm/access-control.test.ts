import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { AccessControl } from "../../local/arm/access-control";
import { PROJECT_ROOT } from "../../local/paths";
import { testCloud } from "./support/cloud";
import { type Answer, call, errorOf } from "./support/http";

const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const READER_AND_DATA_ACCESS = "c12c1c16-33a1-487b-954d-41c89c60f349";
const CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const AUTHORIZATION_API = "api-version=2022-04-01";
const STORAGE_API = "api-version=2024-01-01";

const cloud = testCloud();
const account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/labaccount`;
beforeAll(() =>
  cloud.put(`${account}?${STORAGE_API}`, {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  }),
);

const authorization = (scope: string, type: string, name: string) =>
  `${scope}/providers/Microsoft.Authorization/${type}/${name}?${AUTHORIZATION_API}`;

function assign(principalId: string, roleId: string, scope = cloud.subscription): Promise<Answer> {
  const roleDefinitionId = `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
  const path = authorization(scope, "roleAssignments", crypto.randomUUID());
  return cloud.put(path, { properties: { principalId, roleDefinitionId } });
}

type Send = (method: string, url: string, body?: unknown) => Promise<Answer>;

/** A role and, unless it is the subscription, where it is assigned. */
type Role = readonly [roleId: string, scope?: string];

/** An application with roles: signs in and returns what sends its requests. */
async function application(...roles: readonly Role[]): Promise<Send> {
  const client = crypto.randomUUID();
  for (const role of roles) expect((await assign(client, ...role)).status).toBe(201);
  const { body } = await cloud.requestToken({ client_id: client });
  const { access_token } = body as { access_token: string };
  const headers = { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" };
  return (method, url, sent) =>
    call(`${cloud.url}${url}`, { method, headers, body: sent, ca: cloud.ca });
}

const listKeys = (send: Send) => send("POST", `${account}/listKeys?${STORAGE_API}`);
const listServiceSas = (send: Send) =>
  send("POST", `${account}/listServiceSas?${STORAGE_API}`, {
    canonicalizedResource: "/blob/labaccount/logs",
    signedResource: "c",
    signedPermission: "rl",
    signedExpiry: "2099-01-01T00:00:00Z",
  });
const read = (send: Send) => send("GET", `${account}?${STORAGE_API}`);

test("an application signs in only while it has a role assignment", async () => {
  const client = crypto.randomUUID();
  expect((await cloud.requestToken({ client_id: client })).status).toBe(400);
  await assign(client, READER);
  expect((await cloud.requestToken({ client_id: client })).status).toBe(200);
});

test("Reader reads, and neither writes nor runs actions", async () => {
  const reader = await application([READER]);
  expect((await read(reader)).status).toBe(200);
  expect((await reader("GET", `${cloud.group}/resources?api-version=2024-03-01`)).status).toBe(200);
  expect(errorOf(await listKeys(reader))).toEqual({
    status: 403,
    code: "AuthorizationFailed",
    message: expect.stringMatching(
      /^The client '.*' with object id '.*' does not have authorization to perform action 'Microsoft\.Storage\/storageAccounts\/listKeys\/action' over scope '.*\/labaccount'/,
    ) as unknown,
  });
  const group = await reader("PUT", `${cloud.group}?api-version=2024-03-01`, {
    location: "westeurope",
  });
  expect(errorOf(group).message).toContain(
    "'Microsoft.Resources/subscriptions/resourceGroups/write'",
  );
  expect((await reader("DELETE", `${account}?${STORAGE_API}`)).status).toBe(403);
  expect((await reader("DELETE", "/local-azure/faults")).status).toBe(403);
});

test("a role counts at its scope and below", async () => {
  const other = `${cloud.subscription}/resourceGroups/PG-WORKSHOP-2`;
  await cloud.put(`${other}?api-version=2024-03-01`, { location: "westeurope" });
  const elsewhere = await application([READER], [READER_AND_DATA_ACCESS, other]);
  expect((await listKeys(elsewhere)).status).toBe(403);
  const inGroup = await application([READER_AND_DATA_ACCESS, cloud.group]);
  expect((await listKeys(inGroup)).status).toBe(200);
  expect((await inGroup("GET", `${cloud.subscription}?api-version=2022-12-01`)).status).toBe(403);
});

test("Reader and Data Access reads keys, and gets no service signature", async () => {
  const send = await application([READER], [READER_AND_DATA_ACCESS]);
  expect((await listKeys(send)).status).toBe(200);
  expect(errorOf(await listServiceSas(send)).message).toContain("listServiceSas/action");
});

test("the documented custom role adds to Reader what a preview needs, and no more", async () => {
  const text = fs.readFileSync(path.join(PROJECT_ROOT, "docs/github-actions.md"), "utf8");
  const [, json = ""] = /az role definition create --role-definition '([^']+)'/.exec(text) ?? [];
  const role = JSON.parse(json) as { Name: string; Actions: string[] };
  const roleId = crypto.randomUUID();
  const created = await cloud.put(authorization(cloud.subscription, "roleDefinitions", roleId), {
    properties: {
      roleName: role.Name,
      permissions: [{ actions: role.Actions }],
      assignableScopes: [cloud.subscription],
    },
  });
  expect(created.status).toBe(201);
  const send = await application([READER], [roleId]);
  expect((await read(send)).status).toBe(200);
  expect((await listKeys(send)).status).toBe(200);
  expect((await listServiceSas(send)).status).toBe(200);
  expect((await send("PATCH", `${account}?${STORAGE_API}`, { tags: {} })).status).toBe(403);
});

test("Contributor does all but grant access", async () => {
  const send = await application([CONTRIBUTOR]);
  expect((await send("PATCH", `${account}?${STORAGE_API}`, { tags: {} })).status).toBe(200);
  const own = authorization(cloud.group, "roleAssignments", crypto.randomUUID());
  expect((await send("PUT", own, {})).status).toBe(403);
});

test("in the profile azure, a new role assignment grants nothing for ten minutes", async () => {
  const client = crypto.randomUUID();
  await assign(client, READER);
  const timing = { roleAssignmentSeconds: 600 };
  const after = (seconds: number) =>
    new AccessControl(cloud.parts.store, timing, () => Date.now() + seconds * 1000);
  const action = "Microsoft.Storage/storageAccounts/read";
  expect(() => after(0).require({ id: client }, action, account)).toThrow(/If access was recently/);
  expect(() => after(601).require({ id: client }, action, account)).not.toThrow();
});
