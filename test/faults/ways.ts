import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pollUntil } from "../../common/poll";
import { processFile } from "../../common/processes";

/** How a part fails. */
export const WAYS = ["kill", "stop", "full", "cut"] as const;
export type Way = (typeof WAYS)[number];

const CUT_SECONDS = 5;
const FULL_SECONDS = 10;
const MIB = 1024 ** 2;

function sendSignal(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Ends processes as a crash does; resolves when they have gone. */
export async function kill(pids: readonly number[]): Promise<void> {
  sendSignal(pids, "SIGKILL");
  await pollUntil(() => pids.every(hasEnded), {
    what: `the processes ${pids.join(", ")} to end`,
    timeoutSeconds: 10,
    intervalMilliseconds: 10,
  });
}

/** A zombie has ended, but its parent hasn't noticed yet. */
function hasEnded(pid: number): boolean {
  return !/^\d+ \(.*\) [^Z]/s.test(processFile(pid, "stat") ?? "");
}

/** The processes hang for some time and go on. */
export async function hang(pids: readonly number[], seconds: number): Promise<void> {
  sendSignal(pids, "SIGSTOP");
  await delay(seconds * 1000);
  sendSignal(pids, "SIGCONT");
}

/** Cuts the connections from and to a port, and new ones again, for some seconds; needs root. */
export async function cutConnections(port: number, address = "127.0.0.1"): Promise<void> {
  const end = Date.now() + CUT_SECONDS * 1000;
  while (Date.now() < end) {
    for (const side of ["sport", "dport"]) {
      const filter = side === "sport" ? ["src", address] : ["dst", address];
      await execa("ss", ["--kill", "--tcp", ...filter, side, "=", `:${port}`], { reject: false });
    }
    await delay(100);
  }
}

/** Fills the folder's file system, and frees it after some seconds. */
export async function fillDisk(folder: string): Promise<void> {
  const file = path.join(folder, "filler");
  const descriptor = fs.openSync(file, "w", 0o600);
  try {
    writeUntilFull(descriptor);
    const end = Date.now() + FULL_SECONDS * 1000;
    while (Date.now() < end) {
      await delay(500);
      // What others have freed meanwhile is filled too.
      writeUntilFull(descriptor);
    }
  } finally {
    fs.closeSync(descriptor);
    fs.rmSync(file);
  }
}

function writeUntilFull(descriptor: number): void {
  for (let size = MIB; size >= 1; size = Math.floor(size / 16)) {
    try {
      for (;;) fs.writeSync(descriptor, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

/** A file system in memory, so that filling it fills no other; needs root. */
export async function mountSmallDisk(folder: string, sizeMb: number): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  await execa("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${sizeMb}m,mode=755`,
    "pg-audit-faults",
    folder,
  ]);
}

export async function unmountSmallDisk(folder: string): Promise<void> {
  await execa("umount", [folder]);
}
