import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "../../common/file-lock";
import { readFileIfExists, writeFile } from "../../common/files";
import { LabPaths } from "../paths";

/** Choosing ports takes less than a second. */
const WAIT_SECONDS = 30;

/**
 * Runs the work that chooses the lab's ports, and reserves them: for the lab's life, since a lab that is stopped, or whose VM is,
 * doesn't listen on them. Labs of the same user do so one at a time. Another user's labs are unknown here, and where this
 * user's home can't be written nothing is reserved; what is left then is to see which ports are in use.
 *
 * @param work gets the folders of the other labs
 */
export async function withReservation<T>(
  paths: LabPaths,
  work: (others: readonly LabPaths[]) => Promise<T>,
): Promise<T> {
  const folder = path.dirname(paths.reservation);
  if (!canWrite(folder)) return work([]);
  const waiting = {
    what: "another lab to have chosen its ports",
    timeoutSeconds: WAIT_SECONDS,
    onWait: () => undefined,
  };
  return withLock(`${folder}.lock`, waiting, async () => {
    const result = await work(otherLabs(paths));
    writeFile(paths.reservation, paths.root);
    return result;
  });
}

/** A lab whose folder was deleted, or that is down, has no ports any more. */
function otherLabs({ reservation, root }: LabPaths): LabPaths[] {
  const folder = path.dirname(reservation);
  return fs.readdirSync(folder).flatMap((name) => {
    const entry = path.join(folder, name);
    const other = new LabPaths(readFileIfExists(entry) ?? root);
    if (other.root === root) return [];
    if (fs.existsSync(other.settings)) return [other];
    fs.rmSync(entry, { force: true });
    return [];
  });
}

function canWrite(folder: string): boolean {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
