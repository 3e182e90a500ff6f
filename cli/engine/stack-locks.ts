import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { readFileIfExists } from "../../common/files";
import { parseJson } from "../../common/json";
import type { Notify } from "../../common/notify";
import { listProcesses, processIdentity, startedAt } from "../../common/processes";
import { UserError } from "../../common/user-error";
import { lockFolder } from "./file-backend";

/** What Pulumi's file backend writes into a lock. Source: backend/diy/lock.go of pulumi/pulumi 3.230. */
const LOCK = z.object({
  pid: z.number(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.string(),
});

type StackLock = z.infer<typeof LOCK>;

/** Between the start of an engine and its lock at least; the start is exact to a second. */
const TOLERANCE_MILLISECONDS = 2000;

/**
 * Removes a stack's locks of engines that were killed on this machine, as `pulumi cancel` does with all locks.
 * @param backend the folder of Pulumi's file backend
 * @returns whether there were any
 * @throws UserError for the lock of an engine that runs, or that runs elsewhere
 */
export function removeDeadLocks(backend: string, stack: string, notify: Notify): boolean {
  const folder = lockFolder(backend, stack);
  const files = fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => name.endsWith(".json"))
    : [];
  for (const name of files) {
    const file = path.join(folder, name);
    const lock = LOCK.safeParse(parseJson(readFileIfExists(file) ?? "")).data;
    if (!lock || !isDead(lock)) throw locked(stack, file, lock);
    fs.rmSync(file, { force: true });
    notify(
      `Removed the lock of an engine that was killed: process ${lock.pid}, of ${lock.timestamp}.`,
    );
  }
  return files.length > 0;
}

/** Whether the engine ran on this machine and has ended; another process may have its id by now. */
function isDead({ pid, hostname, timestamp }: StackLock): boolean {
  if (hostname !== os.hostname()) return false;
  const holder = processIdentity(pid);
  if (!holder) return true;
  // The clock may have been set since: an engine is then recognised by its name.
  if (startedAt(holder) <= Date.parse(timestamp) + TOLERANCE_MILLISECONDS) return false;
  const [program = ""] = listProcesses().find((each) => each.pid === pid)?.command ?? [];
  return path.basename(program) !== "pulumi";
}

function locked(stack: string, file: string, lock: StackLock | undefined): UserError {
  if (!lock) {
    return new UserError(
      `The stack ${stack} is locked by ${file}, which isn't readable as a lock of Pulumi. ` +
        "If no `pulumi` works on the stack, remove this file.",
    );
  }
  const { pid, username, hostname, timestamp } = lock;
  return new UserError(
    `Another engine is changing the stack ${stack}: process ${pid} of ${username} on ${hostname}, since ${timestamp}. ` +
      `Wait for it to end, or interrupt it. If it was killed on another machine, remove its lock: ${file}`,
  );
}
