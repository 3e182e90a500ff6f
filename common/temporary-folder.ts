import * as fs from "node:fs";
import * as os from "node:os";
import { systemReason } from "./system-reason";
import { UserError } from "./user-error";

/**
 * A Unix socket's path has at most 107 bytes on Linux, and 103 on macOS. ssh's is the longest:
 * `<folder>/pg-audit-lab-<uid>/s-<6>/socket.<16>`, with the temporary name that it has at first.
 */
const LONGEST_BYTES = 50;

const REMEDY = "Name another folder, or unset TMPDIR: then it is /tmp.";

/** The folder for temporary files: TMPDIR, else /tmp. @throws UserError where it can't be used */
export function temporaryFolder(folder = os.tmpdir()): string {
  const bytes = Buffer.byteLength(folder);
  if (bytes > LONGEST_BYTES) {
    throw new UserError(
      `The folder for temporary files (TMPDIR) is ${folder}, with ${bytes} bytes. At most ${LONGEST_BYTES} are possible: ` +
        `ssh's sockets are in it, and the system limits the length of their paths. ${REMEDY}`,
    );
  }
  try {
    fs.readdirSync(folder);
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw new UserError(
      `The folder for temporary files (TMPDIR) is ${folder}, which can't be used: ${systemReason(error)}. ${REMEDY}`,
    );
  }
  return folder;
}
