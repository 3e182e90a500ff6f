import * as fs from "node:fs";
import * as path from "node:path";
import { readAptSources, SUITE } from "./apt-sources";
import { sha256Of } from "./manifest";
import { runCommand } from "./run-command";
import { shellQuote } from "../../common/shell-quote";

const BUILD = path.join(__dirname, "build");
/** Laid over Debian's files; owner root, nobody else may write. */
const GUEST_FILES = path.join(__dirname, "guest");

/** Virtual size; the file is sparse. Azure's smallest disk for RHEL has 64 GiB, of which the lab uses less than 1. */
const DISK_SIZE = "4G";

const PACKAGES = [
  // the system; without libpam-systemd, whose part in each SSH session takes 0.4 s under emulation
  ...["systemd-sysv", "udev", "dbus", "linux-image-cloud-amd64", "kmod"],
  ...["iproute2", "netbase", "dnsmasq", "libnss-myhostname", "busybox-static"],
  // what Azure's RHEL image has and the lab uses
  ...["cloud-init", "openssh-server", "openssh-sftp-server", "sudo", "dnf", "rpm", "gnupg"],
  ...["ca-certificates", "curl", "fuse3", "postgresql-client-15"],
  // what a person at its prompt expects
  ...["bash-completion", "iputils-ping", "jq", "less", "procps", "vim-tiny"],
];

const APT_OPTIONS = [`--aptopt=APT::Install-Recommends "false"`];

/** Nobody reads manuals in this machine, and each file costs time when the image is made. */
const DPKG_OPTIONS = ["man", "locale", "doc"].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

export const ROOT_FILES = ["disk.qcow2", "vmlinuz", "initramfs"] as const;

/** Hash of all that the root file system is built from, Debian's package versions aside. */
export function rootFileSystemKey(caCertificate: string): string {
  const files = [...filesBelow(BUILD), ...filesBelow(GUEST_FILES)].flatMap((file) => [
    path.relative(__dirname, file),
    fs.readFileSync(file, "utf8"),
  ]);
  return sha256Of(
    SUITE,
    DISK_SIZE,
    ...PACKAGES,
    ...APT_OPTIONS,
    ...DPKG_OPTIONS,
    fs.readFileSync(caCertificate, "utf8"),
    ...files,
  );
}

/**
 * Builds Debian with the lab's files into a folder: `disk.qcow2`, and the kernel and initramfs that
 * boot it. Needs no root: what has to belong to root in the image is made in a user namespace.
 *
 * @param caCertificate file with the certificate of the lab's CA; the guest trusts it
 */
export async function buildRootFileSystem(
  folder: string,
  caCertificate: string,
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const tar = path.join(folder, "root.tar");
  await runCommand(
    "mmdebstrap",
    [
      "--mode=unshare",
      "--variant=minbase",
      "--components=main",
      `--include=${PACKAGES.join(",")}`,
      ...APT_OPTIONS,
      ...DPKG_OPTIONS,
      ...customizeHooks(caCertificate),
      SUITE,
      tar,
      "-",
    ],
    { what: "Building the VM's root file system", logFile, input: readAptSources(), signal },
  );
  await runCommand(
    ...asRootOfNamespace([path.join(BUILD, "make-disk.sh"), tar, folder, DISK_SIZE]),
    { what: "Making the VM's disk", logFile, signal },
  );
  fs.rmSync(tar);
  const raw = path.join(folder, "disk.raw");
  await runCommand(
    "qemu-img",
    ["convert", "-f", "raw", "-O", "qcow2", raw, path.join(folder, "disk.qcow2")],
    { what: "Packing the VM's disk", logFile, signal },
  );
  fs.rmSync(raw);
}

/**
 * mmdebstrap's own process copies the files in: the hooks run as another user, whom a home folder
 * may keep out. They get the new root as $1.
 */
function customizeHooks(caCertificate: string): string[] {
  const inside = "/tmp/customize";
  const sources = [BUILD, GUEST_FILES, caCertificate].map(shellQuote).join(" ");
  return [
    `mkdir "$1"${inside}`,
    `copy-in ${sources} ${inside}`,
    `"$1"${inside}/build/customize.sh "$1" ${path.basename(caCertificate)}`,
  ].map((hook) => `--customize-hook=${hook}`);
}

/** Files of other owners can be unpacked by root, or by a user in a namespace of the user's own. */
function asRootOfNamespace(command: readonly string[]): [string, string[]] {
  if (process.getuid?.() === 0) return [command[0]!, command.slice(1)];
  return ["unshare", ["--user", "--map-root-user", "--map-auto", "--", ...command]];
}

function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
