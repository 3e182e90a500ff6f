import * as fs from "node:fs";
import * as path from "node:path";
import { runOrThrow } from "../../common/run-command";
import { shellQuote } from "../../common/shell-quote";
import { readAptSources, SUITE } from "./apt-sources";
import { sha256Of } from "./manifest";

const BUILD = path.join(__dirname, "build");
/** Copied over Debian's files; owned by root, writable only by root. */
const GUEST_FILES = path.join(__dirname, "guest");

/** Virtual size; the file is sparse. Azure's smallest disk for RHEL has 64 GiB, of which the lab uses less than 1. */
const DISK_SIZE = "4G";

const PACKAGES = [
  // the system; without libpam-systemd, which takes 0.4 s of each SSH session under emulation
  ...["systemd-sysv", "udev", "dbus", "linux-image-cloud-amd64", "kmod"],
  ...["iproute2", "netbase", "dnsmasq", "libnss-myhostname", "busybox-static"],
  // the parts of Azure's RHEL image that the lab uses
  ...["cloud-init", "openssh-server", "openssh-sftp-server", "sudo", "dnf", "rpm", "gnupg"],
  ...["ca-certificates", "curl", "fuse3", "postgresql-client-15"],
  // what a person expects in a shell
  ...["bash-completion", "iputils-ping", "jq", "less", "procps", "vim-tiny"],
];

const APT_OPTIONS = [`--aptopt=APT::Install-Recommends "false"`];

/** Manuals aren't needed in this machine, and each file takes time in the build. */
const DPKG_OPTIONS = ["man", "locale", "doc"].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

export const ROOT_FILES = ["disk.qcow2", "vmlinuz", "initramfs"] as const;

/** Hash of everything that the root file system is built from, except Debian's package versions. */
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
 * boot it. Needs no root: files that belong to root in the image are created in a user namespace.
 *
 * @param caCertificate file with the CA certificate of the lab; the guest trusts it
 */
export async function buildRootFileSystem(
  folder: string,
  caCertificate: string,
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const tar = path.join(folder, "root.tar");
  await runOrThrow(
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
  await runOrThrow(
    ...asRootOfNamespace([path.join(BUILD, "make-disk.sh"), tar, folder, DISK_SIZE]),
    { what: "Creating the VM's disk", logFile, signal },
  );
  fs.rmSync(tar);
  const raw = path.join(folder, "disk.raw");
  await runOrThrow(
    "qemu-img",
    ["convert", "-f", "raw", "-O", "qcow2", raw, path.join(folder, "disk.qcow2")],
    { what: "Packing the VM's disk", logFile, signal },
  );
  fs.rmSync(raw);
}

/**
 * mmdebstrap itself copies the files: the hooks run as another user, who may not be able to read a home folder.
 * The new root is their $1.
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

/** Only root can unpack files of other owners; another user needs a user namespace. */
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
