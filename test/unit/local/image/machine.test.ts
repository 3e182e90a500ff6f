import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../local/paths";
import {
  chooseAccelerator,
  machineArguments,
  type MachineOptions,
} from "../../../../local/image/machine";

const base = { kernel: "/k", initramfs: "/i", disk: "/d" };
const network = {
  ssh: { host: "127.0.0.5", port: 2222 },
  endpoints: { armPort: 1004, blobPort: 1001, packagesPort: 1002, postgresPort: 1003 },
};
const valueOf = (args: string[], option: string) => args[args.indexOf(option) + 1]!;

test("a VM has exactly the devices of the machine of the saved state", () => {
  const devices = (options: Partial<MachineOptions>) => {
    const args = machineArguments({ ...base, memory: { kind: "plain" }, ...options }, "tcg");
    return args.flatMap((arg, i) =>
      ["-machine", "-cpu", "-smp", "-m", "-device"].includes(arg) ? [`${arg} ${args[i + 1]}`] : [],
    );
  };
  const saved = devices({ memory: { kind: "saved-to", file: "/m" } });
  expect(devices({ memory: { kind: "copied-from", file: "/m" }, network, incoming: true })).toEqual(
    saved,
  );
  expect(devices({ network })).toEqual(saved);
  expect(saved).toContain("-device virtio-blk-pci,drive=disk");
});

test("VMs read the saved memory and don't write to it", () => {
  const object = (kind: "saved-to" | "copied-from") =>
    valueOf(machineArguments({ ...base, memory: { kind, file: "/m" } }, "tcg"), "-object");
  expect(object("copied-from")).toContain("share=off");
  expect(object("saved-to")).toContain("share=on");
});

test("the guest reaches only loopback ports of the host", () => {
  const args = machineArguments({ ...base, memory: { kind: "plain" }, network }, "tcg");
  expect(valueOf(args, "-netdev").split(",")).toEqual([
    "user",
    "id=network",
    "restrict=on",
    "hostfwd=tcp:127.0.0.5:2222-:22",
    "guestfwd=tcp:10.0.2.101:443-cmd:socat - TCP4:127.0.0.1:1001",
    "guestfwd=tcp:10.0.2.102:443-cmd:socat - TCP4:127.0.0.1:1002",
    "guestfwd=tcp:10.0.2.103:5432-cmd:socat - TCP4:127.0.0.1:1003",
    "guestfwd=tcp:10.0.2.104:443-cmd:socat - TCP4:127.0.0.1:1004",
    "guestfwd=tcp:10.0.2.105:80-cmd:socat - UNIX-CONNECT:metadata.sock",
  ]);
});

test("the guest's resolver has the forwarded addresses", () => {
  const file = path.join(PROJECT_ROOT, "local/image/guest/etc/dnsmasq.d/local-azure.conf");
  const addresses = fs.readFileSync(file, "utf8").match(/^address=.*$/gm);
  expect(addresses).toEqual([
    "address=/blob.core.windows.net/10.0.2.101",
    "address=/packages.microsoft.com/10.0.2.102",
    "address=/postgres.database.azure.com/10.0.2.103",
    "address=/login.microsoftonline.com/10.0.2.104",
  ]);
});

test("a comma in a path doesn't end the value", () => {
  const args = machineArguments({ ...base, disk: "/a,b/d", memory: { kind: "plain" } }, "tcg");
  expect(valueOf(args, "-drive")).toContain("file=/a,,b/d");
});

test("KVM is used only where the CPU supports it and the device can be opened", () => {
  const device = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "kvm-")), "kvm");
  const able = "flags\t\t: fpu vmx sse\n";
  expect(chooseAccelerator(able, device)).toBe("tcg");
  fs.writeFileSync(device, "");
  expect(chooseAccelerator(able, device)).toBe("kvm");
  expect(chooseAccelerator("flags\t\t: fpu svm\n", device)).toBe("kvm");
  expect(chooseAccelerator("flags\t\t: fpu sse\nvmx flags\t: vnmi\n", device)).toBe("tcg");
  fs.rmSync(path.dirname(device), { recursive: true });
});
