import * as os from "node:os";
import { requireDiskSpace } from "../../../common/disk-space";
import { UserError } from "../../../common/user-error";

const GIB = 1024 ** 3;
const here = os.tmpdir();

test("a disk with room passes", () => {
  expect(() =>
    requireDiskSpace(here, { temporary: here, freeBytes: () => 10 * GIB }),
  ).not.toThrow();
});

test("too small a disk is named with what is free and what is needed", () => {
  const check = () => requireDiskSpace(here, { temporary: here, freeBytes: () => 1.25 * GIB });
  expect(check).toThrow(UserError);
  expect(check).toThrow(`${here} has 1.3 GiB free, building the VM's image needs 4.5 GiB`);
  expect(check).toThrow("LAB_DIR");
});

test("a folder for temporary files on another disk is checked by itself", () => {
  const freeBytes = (folder: string) => (folder === "/proc" ? 0 : 4 * GIB);
  const check = () => requireDiskSpace(here, { temporary: "/proc", freeBytes });
  expect(check).toThrow("/proc has 0.0 GiB free, building the VM's image needs 1.5 GiB");
  expect(check).not.toThrow(`${here} has`);
});
