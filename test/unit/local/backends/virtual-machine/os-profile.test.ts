import { UserError } from "../../../../../common/user-error";
import {
  provisioningProfile,
  type VirtualMachineSpec,
} from "../../../../../local/backends/virtual-machine/os-profile";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG someone@example";
const spec: VirtualMachineSpec = {
  adminUsername: "azureuser",
  computerName: "rhelvm",
  sshPublicKeys: [{ path: "/home/azureuser/.ssh/authorized_keys", keyData: `${KEY}\n` }],
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const fileOf = (profile: { files: Readonly<Record<string, string>> }, end: string) =>
  Object.entries(profile.files).find(([path]) => path.endsWith(end))![1];

test("contains the host name, the keys and an administrator with sudo for cloud-init", () => {
  const profile = provisioningProfile(spec, "id-1", new Date("2026-01-02T03:04:05.500Z"));
  expect(profile.time).toBe(1767323045.5);
  expect(JSON.parse(fileOf(profile, "meta-data"))).toEqual({
    "instance-id": "id-1",
    "local-hostname": "rhelvm",
    "public-keys": [KEY],
  });
  expect(JSON.parse(fileOf(profile, ".cfg"))).toEqual({
    system_info: {
      default_user: expect.objectContaining({
        name: "azureuser",
        lock_passwd: true,
        sudo: ["ALL=(ALL) NOPASSWD:ALL"],
      }) as object,
    },
  });
});

test("passes custom data unchanged", () => {
  const script = "#!/bin/sh\necho é\n";
  const profile = provisioningProfile({ ...spec, customData: base64(script) }, "id");
  expect(fileOf(profile, "user-data")).toBe(script);
  expect(fileOf(provisioningProfile(spec, "id"), "user-data")).toBe("#cloud-config\n{}\n");
});

test.each<[string, Partial<VirtualMachineSpec>]>([
  ['adminUsername "root"', { adminUsername: "root", sshPublicKeys: [{ keyData: KEY }] }],
  ['adminUsername "a b"', { adminUsername: "a b", sshPublicKeys: [{ keyData: KEY }] }],
  ['computerName "a_b"', { computerName: "a_b" }],
  ["sshPublicKeys: at least one", { sshPublicKeys: [] }],
  ['path "/root/x"', { sshPublicKeys: [{ path: "/root/x", keyData: KEY }] }],
  ['keyData "-----BEGIN', { sshPublicKeys: [{ keyData: "-----BEGIN OPENSSH PRIVATE KEY-----" }] }],
  ["customData: it must be base64", { customData: "#cloud-config" }],
  ["customData: it must be base64", { customData: Buffer.from([0xff, 0xfe]).toString("base64") }],
])("refuses %s", (problem, change) => {
  const make = () => provisioningProfile({ ...spec, ...change }, "id");
  expect(make).toThrow(UserError);
  expect(make).toThrow(problem);
});

test("reports all problems at once", () => {
  const make = () => provisioningProfile({ ...spec, computerName: "", customData: "%" }, "id");
  expect(make).toThrow(/computerName "".*customData/);
});
