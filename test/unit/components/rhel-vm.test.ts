import * as yaml from "yaml";
import { RhelVm, type RhelVmArgs } from "../../../components/rhel-vm";
import { PLACEMENT, record, valueOf } from "../support/record";
import { CLIENT_ID, PRINCIPAL_ID, PUBLIC_KEYS, type Recorder, SECRETS } from "../support/recorder";

async function recordVm(
  args: Partial<RhelVmArgs> = {},
): Promise<{ recorder: Recorder; vm: RhelVm }> {
  let vm: RhelVm | undefined;
  const recorder = await record(() => {
    vm = new RhelVm("vm", {
      ...PLACEMENT,
      networkInterfaceId: "/nic",
      sshAddress: "192.0.2.10",
      sshPort: 22,
      adminUsername: "me",
      size: "Standard_B2s",
      rhelMajorVersion: 8,
      autoShutdownTime: "1900",
      autoShutdownTimeZone: "UTC",
      managedIdentity: "none",
      ...args,
    });
  });
  return { recorder, vm: vm as RhelVm };
}

interface OsProfile {
  readonly customData: string;
  readonly linuxConfiguration: {
    readonly disablePasswordAuthentication: boolean;
    readonly ssh: { readonly publicKeys: readonly { keyData: string; path: string }[] };
  };
}

const osProfile = (recorder: Recorder) => recorder.get("vm").inputs.osProfile as OsProfile;

describe("the VM", () => {
  test("has a host key of each type, as a secret, and pins connections to the ECDSA key", async () => {
    const { recorder, vm } = await recordVm();
    const userData = Buffer.from(osProfile(recorder).customData, "base64").toString();
    expect(userData).toMatch(/^#cloud-config\n/);
    expect(yaml.parse(userData)).toEqual({
      ssh_deletekeys: true,
      ssh_keys: {
        ecdsa_private: SECRETS.privateKey,
        ecdsa_public: PUBLIC_KEYS.ECDSA,
        rsa_private: SECRETS.privateKey,
        rsa_public: PUBLIC_KEYS.RSA,
        ed25519_private: SECRETS.privateKey,
        ed25519_public: PUBLIC_KEYS.ED25519,
      },
    });
    expect(recorder.get("vm").visible.osProfile).toMatchObject({ customData: "[secret]" });
    expect(await valueOf(vm.hostPublicKey)).toBe(PUBLIC_KEYS.ECDSA);
  });

  test("accepts keys only: as its property the generated one, which never changes", async () => {
    const { recorder } = await recordVm();
    const path = "/home/me/.ssh/authorized_keys";
    expect(osProfile(recorder).linuxConfiguration).toEqual({
      disablePasswordAuthentication: true,
      ssh: {
        publicKeys: [{ keyData: PUBLIC_KEYS.ED25519, path }],
      },
    });
  });

  test.each([8, 9])("runs RHEL %i", async (rhelMajorVersion) => {
    const { recorder } = await recordVm({ rhelMajorVersion });
    expect(recorder.get("vm").inputs.storageProfile).toMatchObject({
      imageReference: { publisher: "RedHat", offer: "RHEL", sku: `${rhelMajorVersion}-lvm-gen2` },
    });
  });

  test("has Trusted Launch on every subscription, whatever its default", async () => {
    const { recorder } = await recordVm();
    expect(recorder.get("vm").inputs.securityProfile).toEqual({
      securityType: "TrustedLaunch",
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    });
  });

  test("has a daily shutdown with the name that Azure requires", async () => {
    const { recorder } = await recordVm({ autoShutdownTime: "2330" });
    expect(recorder.get("vm-auto-shutdown").inputs).toMatchObject({
      name: "shutdown-computevm-pg-audit-vm",
      dailyRecurrence: { time: "2330" },
      timeZoneId: "UTC",
      status: "Enabled",
    });
    expect(recorder.get("vm-auto-shutdown").after).toContain("vm");
  });

  test("has no shutdown if the time is an empty string", async () => {
    const { recorder } = await recordVm({ autoShutdownTime: "" });
    expect(recorder.ofType("azure-native:devtestlab:GlobalSchedule")).toEqual([]);
  });

  test("has an identity only on request", async () => {
    const without = await recordVm();
    expect(without.recorder.get("vm").inputs).not.toHaveProperty("identity");
    expect(await valueOf(without.vm.principal.objectId)).toBe("");
    const { recorder, vm } = await recordVm({ managedIdentity: "system" });
    expect(recorder.get("vm").inputs.identity).toEqual({ type: "SystemAssigned" });
    expect(await valueOf(vm.principal.objectId)).toBe(PRINCIPAL_ID);
    expect(await valueOf(vm.principal.clientId)).toBe("");
  });

  test("has an identity that survives it on request", async () => {
    const { recorder, vm } = await recordVm({ managedIdentity: "user" });
    const [identity] = recorder.ofType("azure-native:managedidentity:UserAssignedIdentity");
    expect(identity?.inputs).toMatchObject({ resourceName: "pg-audit-vm-identity" });
    expect(identity?.deletedWith).toBe("");
    expect(recorder.get("vm").inputs.identity).toEqual({
      type: "UserAssigned",
      userAssignedIdentities: [expect.stringMatching(/\/pg-audit-vm-identity$/)],
    });
    expect(await valueOf(vm.principal.objectId)).toBe(PRINCIPAL_ID);
    expect(await valueOf(vm.principal.clientId)).toBe(CLIENT_ID);
  });
});
