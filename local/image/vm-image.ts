import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stopProcess } from "../../common/child-process";
import { requireDiskSpace } from "../../common/disk-space";
import { type Notify } from "../../common/notify";
import { type LabPaths } from "../paths";
import { checkManifest, manifestDigest, writeManifest } from "./manifest";
import { buildRootFileSystem, ROOT_FILES, rootFileSystemKey } from "./root-file-system";
import { buildSavedState, PID_FILE, savedStateKey, STATE_FILES } from "./saved-state";

const GIB = 1024 ** 3;
/** The peak of a build: tar, unpacked tree, raw disk and qcow2 disk. */
const BUILD_BYTES = 3 * GIB;
/** Disk space of mmdebstrap in the folder for temporary files. */
const TEMPORARY_BYTES = 1.5 * GIB;

/** The base of every VM: a machine that has booted and waits for its provisioning. */
export interface VmImage {
  /** Identifies this build of the image: a VM's disk fits only the build that it was created from. */
  readonly key: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** The backing file (qcow2) of each VM's disk; never written to. */
  readonly disk: string;
  /** Main memory of the saved machine; each VM maps it copy-on-write. */
  readonly memory: string;
  /** State of the saved machine's devices. */
  readonly devices: string;
}

/**
 * The VM's image, built where it is missing, damaged or outdated; else returned at once.
 * The root file system takes about 80 s, the saved state 30 s.
 *
 * @throws UserError where the disk is too small, or a command fails or is missing
 */
export async function ensureVmImage(
  paths: LabPaths,
  notify: Notify,
  signal?: AbortSignal,
): Promise<VmImage> {
  const root = path.join(paths.image, "root");
  const saved = path.join(paths.image, "saved");
  const logFile = path.join(paths.logs, "image.log");
  const diskKey = rootFileSystemKey(paths.caCertificate);
  const stateKey = savedStateKey(diskKey);

  await ensureFolder(root, diskKey, ROOT_FILES, notify, async (folder) => {
    requireDiskSpace(
      "building the VM's image",
      [
        { folder: paths.image, bytes: BUILD_BYTES },
        { folder: os.tmpdir(), bytes: TEMPORARY_BYTES },
      ],
      "Free some, or set LAB_DIR (the lab) or TMPDIR (temporary files) to a folder on a larger disk.",
    );
    notify("building the VM's root file system from Debian packages");
    await buildRootFileSystem(folder, paths.caCertificate, logFile, signal);
    // A saved state fits only the disk that it was booted from.
    fs.rmSync(saved, { recursive: true, force: true });
  });
  await ensureFolder(saved, stateKey, STATE_FILES, notify, async (folder) => {
    notify("booting the VM once and saving its state");
    await buildSavedState(folder, root, logFile, signal);
  });
  return {
    key: manifestDigest(saved),
    kernel: path.join(root, "vmlinuz"),
    initramfs: path.join(root, "initramfs"),
    disk: path.join(saved, "disk.qcow2"),
    memory: path.join(saved, "memory"),
    devices: path.join(saved, "devices"),
  };
}

/** The key of the image that is there, current or not; undefined where there is none. */
export function builtImageKey(paths: LabPaths): string | undefined {
  const saved = path.join(paths.image, "saved");
  return fs.existsSync(saved) ? manifestDigest(saved) : undefined;
}

/** Builds a folder under a temporary name and renames it when it is complete. */
async function ensureFolder(
  folder: string,
  key: string,
  files: readonly string[],
  notify: Notify,
  build: (folder: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await stopProcess(path.join(unfinished, PID_FILE));
  fs.rmSync(unfinished, { recursive: true, force: true });
  const check = await checkManifest(folder, key);
  if (check.state === "good") return;
  if (check.state === "damaged") {
    notify(`the VM's image is damaged (${folder}: ${check.problem}); building it again`);
  }
  fs.mkdirSync(unfinished, { recursive: true });
  await build(unfinished);
  await writeManifest(unfinished, key, files);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unfinished, folder);
}
