import * as fs from "node:fs";
import * as os from "node:os";
import { UserError } from "./user-error";

const GIB = 1024 ** 3;

/** Bytes that a build takes at its peak: tar, unpacked tree, raw disk and qcow2 disk. */
const BUILD_BYTES = 3 * GIB;
/** Bytes that mmdebstrap takes in the folder for temporary files. */
const TEMPORARY_BYTES = 1.5 * GIB;

/**
 * Checks that an image can be built in a folder that exists.
 * @throws UserError that says how much is free, how much is needed, and where.
 */
export function requireDiskSpace(
  folder: string,
  { temporary = os.tmpdir(), freeBytes = freeBytesOf } = {},
): void {
  const needs =
    fs.statSync(folder).dev === fs.statSync(temporary).dev
      ? [{ place: folder, bytes: BUILD_BYTES + TEMPORARY_BYTES }]
      : [
          { place: folder, bytes: BUILD_BYTES },
          { place: temporary, bytes: TEMPORARY_BYTES },
        ];
  const problems = needs
    .map((need) => ({ ...need, free: freeBytes(need.place) }))
    .filter(({ bytes, free }) => free < bytes)
    .map(
      ({ place, bytes, free }) =>
        `${place} has ${gib(free)} GiB free, building the VM's image needs ${gib(bytes)} GiB`,
    );
  if (problems.length > 0) {
    throw new UserError(
      `Not enough disk space: ${problems.join("; ")}. Free some, or set LAB_DIR (the lab) or ` +
        "TMPDIR (temporary files) to a folder on a larger disk.",
    );
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
