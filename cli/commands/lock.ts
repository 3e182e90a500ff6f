import { STALE_LOCK_SECONDS, tryLock } from "../../common/file-lock";
import { type LabPaths } from "../../local/common/paths";
import { UserError } from "../../common/user-error";

/**
 * Runs what changes the lab while nothing else does.
 * @throws UserError where another command holds the lab.
 */
export async function withLabLock<T>(paths: LabPaths, work: () => Promise<T>): Promise<T> {
  const release = await tryLock(paths.lock);
  if (!release) {
    throw new UserError(
      `Another command is changing this lab (${paths.root}). Wait for it to end; if it was killed, ` +
        `its lock goes by itself after ${STALE_LOCK_SECONDS} s.`,
    );
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
