import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabPaths } from "../../../../local/paths";
import { ensureVmImage } from "../../../../local/image/vm-image";
import { buildRootFileSystem } from "../../../../local/image/root-file-system";
import { buildSavedState } from "../../../../local/image/saved-state";

jest.mock("../../../../common/disk-space", () => ({ requireDiskSpace: jest.fn() }));
jest.mock("../../../../local/image/root-file-system", () => ({
  ...jest.requireActual<object>("../../../../local/image/root-file-system"),
  buildRootFileSystem: jest.fn(),
}));
jest.mock("../../../../local/image/saved-state", () => ({
  ...jest.requireActual<object>("../../../../local/image/saved-state"),
  savedStateKey: (diskKey: string) => `state of ${diskKey}`,
  buildSavedState: jest.fn(),
}));

const buildRoot = jest.mocked(buildRootFileSystem);
const buildState = jest.mocked(buildSavedState);
const fill = (folder: string, names: string[]) =>
  names.forEach((name) => fs.writeFileSync(path.join(folder, name), `content of ${name}`));

let paths: LabPaths;
let said: string[];
const ensure = () => {
  said = [];
  jest.clearAllMocks();
  return ensureVmImage(paths, (line) => said.push(line));
};

beforeEach(() => {
  paths = new LabPaths(fs.mkdtempSync(path.join(os.tmpdir(), "image-")));
  fs.mkdirSync(paths.tls);
  fs.writeFileSync(paths.caCertificate, "CA");
  buildRoot.mockImplementation(async (folder) =>
    fill(folder, ["disk.qcow2", "vmlinuz", "initramfs"]),
  );
  buildState.mockImplementation(async (folder) =>
    fill(folder, ["disk.qcow2", "memory", "devices"]),
  );
});
afterEach(() => fs.rmSync(paths.root, { recursive: true }));

test("builds what is missing, reports it, and then keeps it", async () => {
  const image = await ensure();
  expect(said).toEqual([
    "building the VM's root file system from Debian packages",
    "booting the VM once and saving its state",
  ]);
  for (const file of [image.kernel, image.initramfs, image.disk, image.memory, image.devices]) {
    expect(fs.existsSync(file)).toBe(true);
  }
  expect(await ensure()).toEqual(image);
  expect(said).toEqual([]);
  expect(buildRoot).not.toHaveBeenCalled();
});

test("a truncated memory file is reported, and only the saved state is built again", async () => {
  const image = await ensure();
  fs.truncateSync(image.memory, 3);
  await ensure();
  expect(said[0]).toMatch(/^the VM's image is damaged \(.*memory has 3 bytes, not 17\)/);
  expect(said.slice(1)).toEqual(["booting the VM once and saving its state"]);
  expect(fs.statSync(image.memory).size).toBe(17);
  expect(buildRoot).not.toHaveBeenCalled();
  expect((await ensure()).key).not.toBe(image.key);
});

test("with a damaged disk the saved state is built again too", async () => {
  await ensure();
  fs.rmSync(path.join(paths.image, "root", "disk.qcow2"));
  await ensure();
  expect(said[0]).toContain("disk.qcow2 is missing");
  expect(buildState).toHaveBeenCalled();
});

test("the files of a killed build are removed, and are never used as an image", async () => {
  buildState.mockImplementationOnce(async (folder) => {
    fill(folder, ["half"]);
    throw new Error("killed");
  });
  await expect(ensure()).rejects.toThrow("killed");
  expect(fs.existsSync(path.join(paths.image, "saved"))).toBe(false);
  await ensure();
  expect(said).toEqual(["booting the VM once and saving its state"]);
  expect(fs.readdirSync(paths.image).sort()).toEqual(["root", "saved"]);
  expect(fs.readdirSync(path.join(paths.image, "saved"))).not.toContain("half");
});

test("another CA needs another image", async () => {
  const { key } = await ensure();
  fs.writeFileSync(paths.caCertificate, "another CA");
  expect((await ensure()).key).not.toBe(key);
  expect(buildRoot).toHaveBeenCalled();
});
