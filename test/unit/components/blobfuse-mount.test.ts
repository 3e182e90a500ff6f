import * as pulumi from "@pulumi/pulumi";
import * as yaml from "yaml";
import { AuditLogStorage } from "../../../components/audit-log-storage";
import {
  BlobfuseMount,
  type BlobfuseMountArgs,
  storageAuthentication,
} from "../../../components/blobfuse-mount";
import { sasExpiry } from "../../../components/sas-expiry";
import { VmScripts } from "../../../components/vm-step";
import { labConfig } from "../support/project-config";
import { PLACEMENT, record } from "../support/record";
import { type Recorder, SECRETS } from "../support/recorder";

const principal = { tenantId: "tenant", clientId: "client", objectId: "object" };

function recordMount(
  settings: Record<string, unknown> = {},
  args: Partial<BlobfuseMountArgs> = {},
): Promise<Recorder> {
  return record(() => {
    const connection = { host: "h", port: 22, user: "me", privateKey: "k", hostKey: "p" };
    const machine = new pulumi.ComponentResource("test:index:Machine", "machine");
    new BlobfuseMount("mount", {
      scripts: new VmScripts("vm-scripts", { connection, machine, machineId: "id" }),
      storage: new AuditLogStorage("storage", {
        ...PLACEMENT,
        accountName: "account",
        sharedKeyAccess: true,
      }),
      authentication: storageAuthentication(labConfig(settings), {
        objectId: pulumi.output("principal"),
        clientId: pulumi.output("client"),
      }),
      adminUsername: "me",
      packagesUrl: "https://packages.example.com",
      rhelMajorVersion: 9,
      cacheSizeMb: 512,
      v1Config: false,
      ...args,
    });
  });
}

const azstorage = (recorder: Recorder) =>
  (yaml.parse(recorder.get("mount-write-config").inputs.stdin as string) as Record<string, object>)
    .azstorage;
const roles = (recorder: Recorder) => recorder.ofType("azure-native:authorization:RoleAssignment");
/** The arguments in a step's command. */
const words = (recorder: Recorder, name: string) =>
  /step\.sh \S+\.sh (.*?) #/.exec(recorder.get(name).inputs.create as string)?.[1];

describe("how the VM signs in to the storage account", () => {
  test("key: with the account's first key, and no role", async () => {
    const recorder = await recordMount();
    expect(azstorage(recorder)).toMatchObject({ mode: "key", "account-key": SECRETS.accountKey });
    expect(roles(recorder)).toEqual([]);
  });

  test("sas: with a signature that only reads and lists, and no role", async () => {
    const recorder = await recordMount({ storageAuthentication: "sas" });
    expect(azstorage(recorder)).toMatchObject({ mode: "sas", sas: SECRETS.signature });
    expect(recorder.get("mount-write-config").inputs.stdin).not.toContain(SECRETS.accountKey);
    expect(recorder.calls).toContainEqual({
      token: "azure-native:storage:listStorageAccountServiceSAS",
      inputs: {
        resourceGroupName: "PG-WORKSHOP",
        accountName: "account",
        canonicalizedResource: "/blob/account/insights-logs-postgresqllogs",
        resource: "c",
        permissions: "rl",
        protocols: "https",
        sharedAccessExpiryTime: sasExpiry(30),
      },
    });
    expect(roles(recorder)).toEqual([]);
  });

  test.each([
    ["managedIdentity", {}, "principal", { mode: "msi", appid: "client" }],
    ["userAssignedIdentity", {}, "principal", { mode: "msi", appid: "client" }],
    [
      "servicePrincipal",
      { storageServicePrincipal: { ...principal, hasClientSecret: true } },
      "object",
      { mode: "spn", tenantid: "tenant", clientid: "client", clientsecret: "client-secret" },
    ],
  ])("%s: with a role to read blobs, before it mounts", async (kind, more, principalId, keys) => {
    const recorder = await recordMount({ storageAuthentication: kind, ...more });
    expect(azstorage(recorder)).toMatchObject(keys);
    expect(recorder.get("mount-write-config").visible.stdin).toBe("[secret]");
    expect(roles(recorder).map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        scope: expect.stringMatching(/\/storageAccounts\/account$/) as unknown,
        principalId,
        principalType: "ServicePrincipal",
        // Storage Blob Data Reader.
        roleDefinitionId: expect.stringMatching(
          /\/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1$/,
        ) as unknown,
      }),
    ]);
    expect(recorder.get("mount-mount-container").after).toContain("mount-reader");
    expect(recorder.calls.map(({ token }) => token)).toEqual([
      "azure-native:authorization:getClientConfig",
    ]);
  });
});

describe("the mount", () => {
  test("has its cache path on the tmpfs", async () => {
    const recorder = await recordMount();
    expect(words(recorder, "mount-install-blobfuse")).toBe("apply https://packages.example.com 9");
    expect(words(recorder, "mount-build-cache")).toBe("apply /var/cache/blobfuse2 512m");
    expect(words(recorder, "mount-mount-container")).toBe(
      "apply /home/me/mycontainer /etc/pg-audit-lab-blobfuse2.yaml me /var/cache/blobfuse2/files",
    );
    expect(recorder.get("mount-write-config").inputs.stdin).toContain(
      "path: /var/cache/blobfuse2/files\n",
    );
  });

  test("has a second one without a cache, with the same secret file, which audit-tail reads", async () => {
    const recorder = await recordMount();
    expect(words(recorder, "mount-mount-uncached")).toBe(
      "apply /var/lib/pg-audit-lab/uncached/container /etc/pg-audit-lab-blobfuse2.yaml me",
    );
    expect(words(recorder, "mount-install-audit-tail")).toBe(
      "apply /var/lib/pg-audit-lab/uncached/container /home/me/mycontainer /var/cache/blobfuse2",
    );
    expect(recorder.get("mount-install-audit-tail").after).toContain("mount-mount-uncached");
  });

  test.each(["mount-mount-container", "mount-mount-uncached"])(
    "is renewed when its secret changes, which its command doesn't reveal: %s",
    async (step) => {
      const mount = (recorder: Recorder) => recorder.get(step).visible.create as string;
      const key = mount(await recordMount());
      const identity = mount(await recordMount({ storageAuthentication: "managedIdentity" }));
      expect(key).toMatch(/ # [0-9a-f]{12} id [0-9a-f]{12}$/);
      expect(identity).not.toBe(key);
      expect(mount(await recordMount())).toBe(key);
    },
  );

  test("has a remove command for each step, and no trigger", async () => {
    const recorder = await recordMount({}, { v1Config: true });
    const steps = recorder
      .ofType("command:remote:Command")
      .filter(({ name }) => name.startsWith("mount-"));
    expect(steps).toHaveLength(7);
    for (const { inputs } of steps) {
      expect(inputs.delete).toMatch(/^sudo bash \S+\/step\.sh \S+\.sh remove /);
      expect(inputs).not.toHaveProperty("triggers");
    }
  });

  test("includes the original workshop's v1 file on request", async () => {
    expect((await recordMount()).resources.map(({ name }) => name)).not.toContain(
      "mount-write-v1-config",
    );
    const recorder = await recordMount({}, { v1Config: true });
    expect(words(recorder, "mount-write-v1-config")).toBe("apply /home/me/fuse_connection.cfg me");
    expect(recorder.get("mount-write-v1-config").inputs.stdin).toBe(
      `accountName account\naccountKey ${SECRETS.accountKey}\ncontainerName insights-logs-postgresqllogs\n`,
    );
    expect(recorder.get("mount-write-v1-config").visible.stdin).toBe("[secret]");
  });
});
