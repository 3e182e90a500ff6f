import { type StackOutputs } from "./stack-outputs";

type Paths = Pick<StackOutputs, "mountPath" | "uncachedMountPath" | "logFolder">;

/**
 * The folder of the current hour on the VM, for its shell, in the mount without a cache: there a read gets the range that
 * it asks for, while opening a file in the other mount downloads all of it, and fails if it is larger than the cache.
 */
export function uncachedLogFolder({
  mountPath,
  uncachedMountPath = mountPath,
  logFolder,
}: Paths): string {
  return `${uncachedMountPath}${logFolder.slice(mountPath.length)}`;
}

/** What people should know of a log file that fills the mount's cache, or is larger; undefined if it doesn't. */
export function cacheWarning(
  fileMb: number,
  { mountPath, cacheSizeMb }: Pick<StackOutputs, "mountPath" | "cacheSizeMb">,
): string | undefined {
  if (cacheSizeMb === undefined || fileMb <= NEARLY_FULL * cacheSizeMb) return undefined;
  const isBeyond = fileMb > cacheSizeMb;
  const sizes = `This hour's log file has ${fileMb} MiB, and the cache of ${mountPath} ${cacheSizeMb} MiB (cacheSizeMb).`;
  const consequence = isBeyond
    ? "There it can't be read (Input/output error); audit-tail and ./lab audit read it."
    : "A file that doesn't fit into the cache can't be read there.";
  return `${sizes} ${consequence} Set cacheSizeMb higher, then run pulumi up.`;
}

/** Above this share of the cache, a growing file soon can't be read. */
const NEARLY_FULL = 0.8;

const MIB = 1024 ** 2;

/** Rounded up. */
export const mebibytes = (bytes: number): number => Math.ceil(bytes / MIB);
