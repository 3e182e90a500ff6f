import * as fs from "node:fs";
import { UserError } from "../../../common/user-error";

/**
 * Handles that Azurite may need: one per connection, one per read that is under way, and 20 of its own. Under load with
 * four readers, 60 were seen.
 */
const NEEDED = 512;

/**
 * Checks the hard limit of open files of this process, which its children inherit. The soft limit isn't checked: Node.js
 * raises its own to the hard limit when it starts.
 * @param limits the content of /proc/self/limits
 * @throws UserError if the limit is too low
 */
export function requireOpenFiles(
  program: string,
  limits = fs.readFileSync("/proc/self/limits", "utf8"),
): void {
  const [, hard = "unlimited"] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? [];
  if (hard === "unlimited" || Number(hard) >= NEEDED) return;
  throw new UserError(
    `${program} can open ${hard} files at most, and needs ${NEEDED}. Raise the hard limit: \`ulimit -Hn ${NEEDED}\` as root, ` +
      "LimitNOFILE= in a systemd unit, `--ulimit nofile` of a container, or /etc/security/limits.conf; then start the lab again.",
  );
}
