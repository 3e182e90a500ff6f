import * as fs from "node:fs";
import lockfile from "proper-lockfile";
import { LabPaths } from "../common/paths";
import { UserError } from "../common/user-error";

/** Past it a lock whose holder was killed counts as left behind. */
const STALE_MILLISECONDS = 15_000;

/**
 * Runs what changes the lab while nothing else does.
 * @throws UserError where another command holds the lab.
 */
export async function withLabLock<T>(paths: LabPaths, work: () => Promise<T>): Promise<T> {
  fs.mkdirSync(paths.root, { recursive: true });
  const release = await lockfile
    .lock(paths.root, { lockfilePath: paths.lock, stale: STALE_MILLISECONDS })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ELOCKED") throw error;
      throw new UserError(
        `Another command is changing this lab (${paths.root}). Wait for it to end; if it was killed, ` +
          `its lock goes by itself after ${STALE_MILLISECONDS / 1000} s.`,
      );
    });
  try {
    return await work();
  } finally {
    await release();
  }
}
