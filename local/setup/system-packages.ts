import execa from "execa";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Notify } from "../../common/notify";
import { withLock } from "../../common/file-lock";
import { UserError } from "../../common/user-error";

/** Debian's packages that local Azure is made of, by what needs them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "the flexible server": [
    ...["postgresql-15", "postgresql-15-pgaudit", "postgresql-15-cron", "postgresql-15-pgextwlist"],
  ],
  "the VM": ["qemu-system-x86", "qemu-utils", "socat", "openssh-client"],
  "the VM's image": ["mmdebstrap", "uidmap", "e2fsprogs", "util-linux"],
  "the package repository": ["rpm", "createrepo-c", "gnupg", "python3-pip"],
};

/** apt-get doesn't wait for another one that updates its lists: one process of this user runs it at a time. */
const APT_LOCK = path.join(os.tmpdir(), `pg-audit-lab-apt-${os.userInfo().uid}.lock`);
const LONGEST_INSTALLATION_SECONDS = 20 * 60;

const ALL = Object.values(PACKAGES).flat();

/** Those of the packages that this machine lacks. */
async function missingPackages(names: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(
    "dpkg-query",
    ["--show", "--showformat", "${Package} ${db:Status-Status}\n", ...names],
    { reject: false },
  );
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** All that local Azure is made of. */
export const ensureSystemPackages = (notify: Notify): Promise<void> =>
  ensureDebianPackages(ALL, notify);

/**
 * Installs what is missing of Debian's packages where this process may, as root or by sudo.
 * @throws UserError that says exactly what to install where it may not, or the system isn't Debian's kind.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  notify: Notify,
): Promise<void> {
  if (!fs.existsSync("/usr/bin/dpkg-query")) {
    throw new UserError(
      "This needs Debian 12's packages, and this system has no dpkg. Run it in a Debian 12 machine or VM.\n" +
        `It needs: ${names.join(" ")}`,
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
  // Another process may have installed them by now.
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
    const result = await execa(command, rest, {
      reject: false,
      all: true,
      stdin: "ignore",
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
    if (result.exitCode !== 0) {
      const tail = (result.all ?? "").trimEnd().split("\n").slice(-10).join("\n");
      throw new UserError(
        `apt-get ${args[0]} failed:\n${tail}\nInstall these by hand: ${missing.join(" ")}`,
      );
    }
  };
  notify(`installing ${missing.join(", ")}`);
  await apt("update", "--quiet");
  await apt("install", "--quiet", "--yes", "--no-install-recommends", ...missing);
}

/** What goes before a command that only root may run; undefined where nothing helps. */
async function privilege(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { exitCode } = await execa("sudo", ["--non-interactive", "true"], { reject: false }).catch(
    () => ({ exitCode: 1 }),
  );
  return exitCode === 0 ? ["sudo", "--non-interactive"] : undefined;
}
