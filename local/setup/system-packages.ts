import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { withLock } from "../../common/file-lock";
import { type Notify } from "../../common/notify";
import { lastLines, runCommand } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { requireSupportedMachine } from "./supported-machine";

/** The Debian packages of local Azure, by the part that needs them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // The user that the server runs as, a client for this machine, and what relocates the server's programs.
  "the flexible server": ["postgresql-common", "postgresql-client", "patchelf", "tzdata"],
  "the VM": ["qemu-system-x86", "qemu-utils", "socat", "openssh-client"],
  "the VM's image": ["mmdebstrap", "uidmap", "e2fsprogs", "util-linux"],
  "the package repository": ["rpm", "createrepo-c", "gnupg", "python3-pip"],
};

/** Parallel runs of `apt-get update` fail: only one process of this user runs apt-get at a time. */
const APT_LOCK = path.join(os.tmpdir(), `pg-audit-lab-apt-${os.userInfo().uid}.lock`);
const LONGEST_INSTALLATION_SECONDS = 20 * 60;

const ALL = Object.values(PACKAGES).flat();

/** The packages that are not installed. */
async function missingPackages(names: readonly string[]): Promise<string[]> {
  const { stdout } = await runCommand("dpkg-query", [
    ...["--show", "--showformat", "${Package} ${db:Status-Status}\n", ...names],
  ]);
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** Installs the missing packages of local Azure. @throws UserError where the machine isn't supported */
export async function ensureSystemPackages(notify: Notify): Promise<void> {
  requireSupportedMachine();
  await ensureDebianPackages(ALL, notify);
}

/**
 * Installs missing Debian packages, as root or with sudo.
 * @throws UserError that lists the packages, where this process may not install them or the system has no dpkg
 */
export async function ensureDebianPackages(
  names: readonly string[],
  notify: Notify,
): Promise<void> {
  if (!fs.existsSync("/usr/bin/dpkg-query")) {
    throw new UserError(
      `This needs the Debian packages ${names.join(", ")}, and this system has no dpkg. Run it on Debian 12.`,
    );
  }
  if ((await missingPackages(names)).length === 0) return;
  await withLock(
    APT_LOCK,
    {
      what: "the installation of packages by another process",
      timeoutSeconds: LONGEST_INSTALLATION_SECONDS,
      onWait: () => notify("another process is installing packages; waiting for it"),
    },
    () => installMissing(names, notify),
  );
}

async function installMissing(names: readonly string[], notify: Notify): Promise<void> {
  // Another process may have installed them in the meantime.
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const prefix = await privilege();
  if (!prefix) {
    throw new UserError(
      `These packages are missing, and only root can install them:\n  apt-get install --no-install-recommends ${missing.join(" ")}`,
    );
  }
  const apt = async (...args: string[]) => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", ...args];
    const { failure, output } = await runCommand(command, rest, {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
    if (failure !== undefined) {
      throw new UserError(
        `apt-get ${args[0]} failed:\n${lastLines(output)}\nInstall these by hand: ${missing.join(" ")}`,
      );
    }
  };
  notify(`installing ${missing.join(", ")}`);
  await apt("update", "--quiet");
  await apt("install", "--quiet", "--yes", "--no-install-recommends", ...missing);
}

/** The prefix of a command that only root may run; undefined where this user can't become root. */
async function privilege(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { failure } = await runCommand("sudo", ["--non-interactive", "true"]);
  return failure === undefined ? ["sudo", "--non-interactive"] : undefined;
}
