import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, spawnDetached, stopProcess } from "../../common/child-process";
import { readFileIfExists } from "../../common/files";
import { pollUntil } from "../../common/poll";
import { lastLines, runOrThrow } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { chooseAccelerator, machineArguments, MACHINE_FILES } from "./machine";
import { sha256Of } from "./manifest";
import { ProvisioningChannel } from "./provisioning-channel";
import { QmpClient, saveMachineState } from "./qmp";

export const STATE_FILES = ["disk.qcow2", "memory", "devices"] as const;

/** The pid file in the folder of a machine that is being built. */
export const PID_FILE = "qemu.pid";

/** A cold boot takes about 20 s under emulation on two idle cores. */
const BOOT_TIMEOUT_SECONDS = 240;

/** Hash of everything that a saved state depends on: disk, machine, QEMU and CPU. */
export function savedStateKey(diskKey: string): string {
  const accelerator = chooseAccelerator();
  const machine = machineArguments(
    { kernel: "", initramfs: "", disk: "", memory: { kind: "plain" } },
    accelerator,
  );
  const cpu = /^model name\s*:.*$/m.exec(fs.readFileSync("/proc/cpuinfo", "utf8"))?.[0] ?? "";
  return sha256Of(diskKey, qemuVersion(), cpu, ...machine);
}

function qemuVersion(): string {
  try {
    return execFileSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new UserError(
      "The VM needs qemu-system-x86_64, which isn't installed (Debian's package qemu-system-x86).",
    );
  }
}

/**
 * Boots the machine once until it waits for its provisioning, and saves its state in a folder:
 * `disk.qcow2` (the changes of the boot, backed by the root disk), `memory` and `devices`.
 *
 * @param root folder of the root file system, in the same parent folder as `folder`
 */
export async function buildSavedState(
  folder: string,
  root: string,
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  await runOrThrow(
    "qemu-img",
    ["create", "-q", "-f", "qcow2", "-F", "qcow2"].concat(
      // Relative to the new file, so that `.lab/` can be moved.
      ["-b", path.join("..", path.basename(root), "disk.qcow2"), path.join(folder, "disk.qcow2")],
    ),
    { what: "Preparing the VM's first boot", logFile, signal },
  );
  const pidFile = path.join(folder, PID_FILE);
  const args = machineArguments(
    {
      kernel: path.join(root, "vmlinuz"),
      initramfs: path.join(root, "initramfs"),
      disk: path.join(folder, "disk.qcow2"),
      memory: { kind: "saved-to", file: path.join(folder, "memory") },
    },
    chooseAccelerator(),
  );
  spawnDetached("qemu-system-x86_64", args, { pidFile, logFile, cwd: folder });
  try {
    await bootAndSave(folder, pidFile, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const tail = consoleTail(folder);
    throw new Error(`The VM's first boot failed: ${(error as Error).message}\n${tail}`, {
      cause: error,
    });
  } finally {
    await stopProcess(pidFile);
  }
}

async function bootAndSave(folder: string, pidFile: string, signal?: AbortSignal): Promise<void> {
  const qmp = await QmpClient.connect(folder, MACHINE_FILES.control);
  const channel = await ProvisioningChannel.connect(folder);
  try {
    await channel.receive("the guest's first boot", BOOT_TIMEOUT_SECONDS, signal);
    channel.close();
    await saveMachineState(qmp, path.join(folder, "devices"));
  } finally {
    channel.close();
    qmp.close();
  }
  await pollUntil(() => runningPid(pidFile) === undefined, {
    what: "QEMU to end after saving",
    timeoutSeconds: 30,
  });
}

/** The last lines of a machine's console, for an error message. */
export function consoleTail(folder: string, lines = 15): string {
  const file = path.join(folder, MACHINE_FILES.console);
  const text = readFileIfExists(file)?.trimEnd() ?? "";
  if (text === "") return `Its console (${file}) is empty.`;
  return `The last lines of its console (${file}):\n${lastLines(text, lines)}`;
}
