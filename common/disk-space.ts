import * as fs from "node:fs";
import { UserError } from "./user-error";

const GIB = 1024 ** 3;

/** How much disk space a piece of work needs, and where. */
export interface DiskNeed {
  /** A folder that exists. */
  readonly folder: string;
  readonly bytes: number;
}

/**
 * Checks the free disk space; needs on the same disk are added up.
 * @param what the work: `building the VM's image`
 * @param remedy what to do where the space is too small
 * @throws UserError that says how much is free, how much is needed, and where
 */
export function requireDiskSpace(
  what: string,
  needs: readonly DiskNeed[],
  remedy: string,
  freeBytes = freeBytesOf,
): void {
  const byDisk = new Map<number, DiskNeed>();
  for (const { folder, bytes } of needs) {
    const { dev } = fs.statSync(folder);
    const other = byDisk.get(dev);
    byDisk.set(dev, { folder: other?.folder ?? folder, bytes: bytes + (other?.bytes ?? 0) });
  }
  const problems = [...byDisk.values()]
    .map((need) => ({ ...need, free: freeBytes(need.folder) }))
    .filter(({ bytes, free }) => free < bytes)
    .map(
      ({ folder, bytes, free }) =>
        `${folder} has ${gib(free)} GiB free, ${what} needs ${gib(bytes)} GiB`,
    );
  if (problems.length > 0) {
    throw new UserError(`Not enough disk space: ${problems.join("; ")}. ${remedy}`);
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
