import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { recordProcess } from "../../../../../common/child-process";
import { LabPaths } from "../../../../../local/paths";
import { UserError } from "../../../../../common/user-error";
import { VirtualMachineBackend } from "../../../../../local/backends/virtual-machine/virtual-machines";
import { builtImageKey, type VmImage } from "../../../../../local/image/vm-image";

const image: VmImage = {
  key: "image of today",
  kernel: "/k",
  initramfs: "/i",
  disk: "/d",
  memory: "/m",
  devices: "/s",
};
const spec = {
  adminUsername: "azureuser",
  computerName: "vm",
  sshPublicKeys: [{ keyData: "ssh-ed25519 AAAA" }],
};
const VM = "group/vm";
const HOST = "127.0.0.1";
const RECORD = JSON.stringify({ image: image.key, sshHost: HOST });
let paths: LabPaths;
let listener: net.Server;
let backend: VirtualMachineBackend;
let getImage: jest.Mock<Promise<VmImage>>;
const searchPath = process.env.PATH;

/** Replaces QEMU by a script that fails: these tests start no machine. */
function breakQemu(output: string): void {
  const script = `#!/bin/sh\necho '${output}' >&2\nexit 1\n`;
  fs.writeFileSync(path.join(paths.root, "qemu-system-x86_64"), script, { mode: 0o755 });
  process.env.PATH = `${paths.root}:${searchPath}`;
}

beforeEach(async () => {
  paths = new LabPaths(fs.mkdtempSync(path.join(os.tmpdir(), "vm-")));
  listener = net.createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as net.AddressInfo;
  getImage = jest.fn(async () => image);
  const endpoints = { armPort: 4, blobPort: 1, packagesPort: 2, postgresPort: 3 };
  backend = new VirtualMachineBackend(paths, getImage, endpoints, port, () => () => undefined);
});
afterEach(() => {
  listener.close();
  process.env.PATH = searchPath;
  fs.rmSync(paths.root, { recursive: true });
});

const folder = () => path.join(paths.virtualMachines, VM);
const writeMachineFile = (record: string) => {
  fs.mkdirSync(folder(), { recursive: true });
  fs.writeFileSync(path.join(folder(), "machine.json"), record);
};

test("an SSH address that is in use is reported before a machine is started", async () => {
  const creation = backend.create(VM, HOST, spec);
  await expect(creation).rejects.toThrow(UserError);
  await expect(creation).rejects.toThrow(
    /SSH address 127\.0\.0\.1:\d+ of the virtual machine vm is in use/,
  );
  expect(backend.state(VM)).toBe("absent");
});

test("a wrong profile is refused before anything is changed", async () => {
  writeMachineFile(RECORD);
  await expect(backend.create(VM, HOST, { ...spec, computerName: "" })).rejects.toThrow(
    "computerName",
  );
  expect(backend.state(VM)).toBe("stopped");
  expect(getImage).not.toHaveBeenCalled();
});

test("the error for a machine that ends at once contains QEMU's last output", async () => {
  await new Promise((resolve) => listener.close(resolve));
  breakQemu("could not load the kernel");
  writeMachineFile(RECORD);
  await expect(backend.start(VM)).rejects.toThrow(
    /vm doesn't boot: the machine ended[^]*could not load the kernel/,
  );
});

test("a machine from a replaced image isn't started", async () => {
  writeMachineFile(JSON.stringify({ image: "image of yesterday", sshHost: HOST }));
  await expect(backend.start(VM)).rejects.toThrow(/has been replaced since.*Delete the machine/);
  recordProcess(path.join(folder(), "qemu.pid"), process.pid);
  await expect(backend.restart(VM)).rejects.toThrow("has been replaced since");
  expect(backend.state(VM)).toBe("running");
});

test("stopped machines from a replaced image are deleted, others stay", async () => {
  const saved = path.join(paths.image, "saved");
  fs.mkdirSync(saved, { recursive: true });
  fs.writeFileSync(path.join(saved, "manifest.json"), "{}");
  writeMachineFile(JSON.stringify({ image: builtImageKey(paths), sshHost: HOST }));
  expect(await backend.deleteUnfit()).toEqual([]);
  fs.writeFileSync(path.join(saved, "manifest.json"), '{"key":"for another authority"}');
  recordProcess(path.join(folder(), "qemu.pid"), process.pid);
  expect(await backend.deleteUnfit()).toEqual([]);
  fs.rmSync(path.join(folder(), "qemu.pid"));
  expect(await backend.deleteUnfit()).toEqual([VM]);
  expect(backend.state(VM)).toBe("absent");
});

test("a machine after an interrupted create is absent and can't be started", async () => {
  fs.mkdirSync(folder(), { recursive: true });
  fs.writeFileSync(path.join(folder(), "disk.qcow2"), "half");
  expect(backend.state(VM)).toBe("absent");
  await expect(backend.start(VM)).rejects.toThrow(
    "The virtual machine vm can't be started, because it doesn't exist.",
  );
});

test("a process of another backend is found, and delete leaves nothing", async () => {
  writeMachineFile(RECORD);
  expect(backend.state(VM)).toBe("stopped");
  recordProcess(path.join(folder(), "qemu.pid"), process.pid);
  expect(backend.state(VM)).toBe("running");
  expect(backend.pid(VM)).toBe(process.pid);
  await backend.start(VM);
  fs.rmSync(path.join(folder(), "qemu.pid"));
  await backend.delete(VM);
  expect(backend.state(VM)).toBe("absent");
  expect(fs.existsSync(folder())).toBe(false);
  await backend.delete(VM);
});

test("a machine is busy while it is deleted, so that nothing starts it again", async () => {
  writeMachineFile(RECORD);
  const machine = spawn("sleep", ["600"]);
  const end = once(machine, "exit");
  recordProcess(path.join(folder(), "qemu.pid"), machine.pid ?? 0);
  const deletion = backend.delete(VM);
  expect(backend.isBusy(VM)).toBe(true);
  await deletion;
  expect(backend.isBusy(VM)).toBe(false);
  expect(await end).toEqual([null, "SIGTERM"]);
});

describe("a machine that isn't running", () => {
  const stoppedBy = (console: string, record = RECORD) => {
    writeMachineFile(record);
    fs.writeFileSync(backend.consoleFile(VM), console);
    return backend.stoppedBy(VM);
  };
  const start = "--- local Azure starts the machine ---\n";
  const powerDown = "[   31.2] reboot: Power down\n";

  test("was shut down by its guest if the kernel says so, and stays stopped", () => {
    expect(stoppedBy(`${start}${powerDown}`)).toBe("by its guest, which shut itself down");
    fs.rmSync(backend.consoleFile(VM));
    expect(backend.stoppedBy(VM)).toBe("by its guest, which shut itself down");
  });

  test.each([
    ["was killed", `${start}[    3.1] systemd[1]: Hostname set\n`],
    ["was killed at its start, after a shutdown before", `${start}${powerDown}${start}`],
    ["has printed nothing", ""],
  ])("should run if it %s", (_, console) => {
    expect(stoppedBy(console)).toBeUndefined();
  });

  test("should run if local Azure shut it down together with itself", async () => {
    stoppedBy(start);
    await backend.endProcess(VM);
    fs.appendFileSync(backend.consoleFile(VM), powerDown);
    expect(backend.stoppedBy(VM)).toBeUndefined();
  });

  test("stays stopped if the API stopped it", async () => {
    stoppedBy(start);
    await backend.powerOff(VM);
    expect(backend.stoppedBy(VM)).toBe("through the API");
  });
});
