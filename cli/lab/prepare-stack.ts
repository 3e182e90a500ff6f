import { type Lab } from "../../local/lab";
import { unusedServerName, wasInterrupted } from "../engine/file-backend";
import { removeDeadLocks } from "../engine/stack-locks";
import { ensureStack, runLabCommand } from "./context";

/**
 * Makes the local stack usable after an interrupted update: removes the lock of a killed engine, and settles the state.
 * @param always settles the state of any stack
 * @param signal Ctrl-C, which ends the settling too
 * @returns options that the next `pulumi up` needs
 * @throws UserError where an engine works on the stack
 */
export async function prepareStack(
  lab: Lab,
  { always = false, signal }: { always?: boolean; signal?: AbortSignal } = {},
): Promise<string[]> {
  const { pulumiState } = lab.paths;
  const wasLocked = removeDeadLocks(pulumiState, console.log);
  await ensureStack(lab);
  if (!always && !wasLocked && !wasInterrupted(pulumiState)) return [];
  console.log("\nThe last update of the stack was interrupted or failed: settling its state");
  // Where it fails, the update says more of the cause, or succeeds.
  const isSettled = await runLabCommand(lab, "settle");
  signal?.throwIfAborted();
  if (!isSettled) {
    console.log("The state couldn't be settled; the reason is above. Going on without.");
    return [];
  }
  const serverName = unusedServerName(pulumiState);
  return serverName === undefined ? [] : ["--replace", serverName];
}
