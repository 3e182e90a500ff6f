/** The script that creates the place of Pulumi's state, on local Azure. */
import execa from "execa";
import * as crypto from "node:crypto";
import * as path from "node:path";
import { type ResourceManager } from "../../azure/resource-manager";
import { PROJECT_ROOT } from "../../local/paths";
import { setUpState, type StateOptions } from "../../scripts/set-up-state";
import { plainEnv } from "../support/plain-env";
import { testCloud } from "./support/cloud";

const WRITER = crypto.randomUUID();
const READER = crypto.randomUUID();

const cloud = testCloud({ withGroup: false });
const lines: string[] = [];
const writes: string[] = [];

const send: ResourceManager["send"] = async (method, url, body) => {
  if (method !== "GET") writes.push(`${method} ${url.split("?")[0]?.split("/").at(-1)}`);
  const { status, headers, body: answer } = await cloud.request(method, url, body);
  return { status, headers: headers as Record<string, string>, body: answer };
};
const options = { send, notify: (line: string) => void lines.push(line), pollSeconds: 0.01 };

const stateIn = (resourceGroupName: string, more: Partial<StateOptions> = {}): StateOptions => ({
  ...{ subscriptionId: cloud.subscriptionId, location: "westeurope", resourceGroupName },
  ...{ writers: [WRITER], readers: [READER], ...more },
});

beforeEach(() => {
  lines.length = 0;
  writes.length = 0;
});

/** Resources of the group, by type. */
function kept(resourceGroupName: string, type: string) {
  const group = `/resourcegroups/${resourceGroupName}/`;
  return cloud.parts.store
    .ofType(type)
    .filter(({ id }) => id.toLowerCase().includes(group.toLowerCase()));
}

/** Everything but the versions of keys, which each creation makes anew. */
const urlsOf = ({ backend, secretsProvider }: Awaited<ReturnType<typeof setUpState>>) => ({
  backend,
  key: secretsProvider.split("/").slice(0, -1).join("/"),
});

describe("the place of the state", () => {
  test("is created with safe settings, and Pulumi's URLs name it", async () => {
    const { backend, secretsProvider } = await setUpState(stateIn("state"), options);
    const [account] = kept("state", "Microsoft.Storage/storageAccounts");
    const [vault] = kept("state", "Microsoft.KeyVault/vaults");
    expect(backend).toBe(`azblob://pulumi-state?storage_account=${account?.name}`);
    expect(secretsProvider).toMatch(
      new RegExp(`^azurekeyvault://${vault?.name}\\.vault\\.azure\\.net/keys/pulumi/[0-9a-f]{32}$`),
    );
    expect(account?.shown.properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      minimumTlsVersion: "TLS1_2",
    });
    expect(vault?.shown.properties).toMatchObject({
      tenantId: cloud.tenantId,
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
    });
    const [service] = kept("state", "Microsoft.Storage/storageAccounts/blobServices");
    expect(service?.shown.properties).toMatchObject({
      isVersioningEnabled: true,
      deleteRetentionPolicy: { enabled: true },
    });
  });

  test("may be used by writers and readers, on the container and the key alone", () => {
    const roles = kept("state", "Microsoft.Authorization/roleAssignments").map(({ id, shown }) => {
      const { principalId } = shown.properties as { principalId: string };
      const scope = id.split("/providers/Microsoft.Authorization")[0] ?? "";
      return `${principalId === WRITER ? "writer" : "reader"} ${scope.split("/").slice(-2).join("/")}`;
    });
    expect(roles.sort()).toEqual([
      "reader containers/pulumi-state",
      "reader keys/pulumi",
      "writer containers/pulumi-state",
      "writer keys/pulumi",
    ]);
  });

  test("isn't written by a second run, which prints the same URLs", async () => {
    const first = await setUpState(stateIn("state"), options);
    expect(writes).toEqual([]);
    expect(lines).toEqual([]);
    expect(await setUpState(stateIn("STATE"), options)).toEqual(first);
  });

  test("gets further people, and settings that somebody changed, and keeps what somebody added", async () => {
    const [account] = kept("state", "Microsoft.Storage/storageAccounts");
    await cloud.request("PATCH", `${account?.id}?api-version=2024-01-01`, {
      tags: { team: "audit" },
      properties: { allowSharedKeyAccess: true },
    });
    await setUpState(stateIn("state", { readers: [READER, crypto.randomUUID()] }), options);
    expect(lines).toEqual([
      `Changing the storage account "${account?.name}": allowSharedKeyAccess.`,
      expect.stringMatching(/^Creating the role "Storage Blob Data Reader" of /),
      expect.stringMatching(/^Creating the role "Key Vault Crypto User" of /),
    ]);
    const [after] = kept("state", "Microsoft.Storage/storageAccounts");
    expect(after?.shown).toMatchObject({
      tags: { team: "audit" },
      properties: { allowSharedKeyAccess: false, minimumTlsVersion: "TLS1_2" },
    });
  });

  test("is in the location of a group that exists already", async () => {
    await cloud.put(`${cloud.subscription}/resourceGroups/elsewhere?api-version=2024-03-01`, {
      location: "northeurope",
    });
    await setUpState(stateIn("elsewhere"), options);
    expect(kept("elsewhere", "Microsoft.KeyVault/vaults")[0]?.shown.location).toBe("northeurope");
  });

  test("is completed by another run, whichever request was the last of a killed one", async () => {
    const whole = await setUpState(stateIn("counted"), options);
    const count = writes.length;
    expect(count).toBe(10);
    for (let last = 1; last < count; last++) {
      let left = last;
      const killed: ResourceManager["send"] = async (...request) => {
        if (left === 0) throw new Error("killed");
        if (request[0] !== "GET") left--;
        return send(...request);
      };
      const name = `killed-${last}`;
      await expect(
        setUpState(stateIn(name), { ...options, send: killed, timeoutSeconds: 60 }),
      ).rejects.toThrow("killed");
      const { backend, key } = urlsOf(await setUpState(stateIn(name), options));
      expect(kept(name, "Microsoft.Authorization/roleAssignments")).toHaveLength(4);
      expect(backend).not.toBe(whole.backend);
      expect(key).not.toBe(urlsOf(whole).key);
    }
  });

  test("whose vault was deleted can't be read: it is to be restored, not replaced by another key", async () => {
    const [vault] = kept("state", "Microsoft.KeyVault/vaults");
    await cloud.request("DELETE", `${vault?.id}?api-version=2024-11-01`);
    await expect(setUpState(stateIn("state"), options)).rejects.toThrow(
      `the key vault "${vault?.name}" was deleted, and Azure keeps it with the key that decrypts the state. ` +
        `Restore it with \`az keyvault recover --name ${vault?.name}\`, then run this again.`,
    );
  });

  test("needs a subscription that the sign-in can read", async () => {
    const subscriptionId = crypto.randomUUID();
    await expect(setUpState(stateIn("state", { subscriptionId }), options)).rejects.toThrow(
      `the subscription ${subscriptionId} can't be read (404): is its id right`,
    );
  });
});

describe("the command", () => {
  /** A process of its own, which signs in to the cloud. */
  const run = (...args: string[]) =>
    execa(process.execPath, ["--import", "tsx", "scripts/set-up-state.ts", ...args], {
      cwd: PROJECT_ROOT,
      reject: false,
      extendEnv: false,
      env: {
        ...plainEnv,
        NODE_EXTRA_CA_CERTS: path.resolve(cloud.paths.caCertificate),
        ARM_METADATA_HOSTNAME: new URL(cloud.url).host,
        ARM_DISABLE_INSTANCE_DISCOVERY: "true",
        ARM_TENANT_ID: cloud.tenantId,
        ARM_CLIENT_ID: cloud.clientId,
        ARM_CLIENT_SECRET: cloud.clientSecret,
      },
    });

  test("prints two commands of Pulumi, and nothing else on standard output", async () => {
    const place = ["--location", "westeurope", "--resource-group", "by-command"];
    const { stdout, stderr, exitCode } = await run(
      ...["--subscription", cloud.subscriptionId, ...place, "--writer", WRITER],
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^pulumi login 'azblob:\/\/pulumi-state\?storage_account=\w+'$/),
      expect.stringMatching(/^pulumi stack init dev --secrets-provider 'azurekeyvault:\/\/\S+'$/),
    ]);
    expect(stderr).toContain("Creating the key vault");
  });

  test("says what is missing or wrong", async () => {
    const { stderr, exitCode } = await run("--subscription", "mine", "--writer", "me@example.com");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/--subscription: must be a subscription's id/);
    expect(stderr).toMatch(/--location: is required, such as westeurope/);
    expect(stderr).toMatch(/--writer: must be an object id, such as `az ad signed-in-user show/);
  });
});
