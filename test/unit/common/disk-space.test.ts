import * as os from "node:os";
import { requireDiskSpace } from "../../../common/disk-space";
import { UserError } from "../../../common/user-error";

const GIB = 1024 ** 3;
const here = os.tmpdir();
const check = (freeBytes: (folder: string) => number, other = here) =>
  requireDiskSpace(
    "building the VM's image",
    [
      { folder: here, bytes: 3 * GIB },
      { folder: other, bytes: 1.5 * GIB },
    ],
    "Set LAB_DIR.",
    freeBytes,
  );

test("a disk with enough space passes", () => {
  expect(() => check(() => 10 * GIB)).not.toThrow();
});

test("the error names the folder, the free space, the needed space and what to do", () => {
  const failing = () => check(() => 1.25 * GIB);
  expect(failing).toThrow(UserError);
  expect(failing).toThrow(`${here} has 1.3 GiB free, building the VM's image needs 4.5 GiB`);
  expect(failing).toThrow("Set LAB_DIR.");
});

test("a folder on another disk is checked separately", () => {
  const failing = () => check((folder) => (folder === "/proc" ? 0 : 4 * GIB), "/proc");
  expect(failing).toThrow("/proc has 0.0 GiB free, building the VM's image needs 1.5 GiB");
  expect(failing).not.toThrow(`${here} has`);
});
