import { type Notify } from "../../common/notify";
import { type Lab } from "../../local/lab";
import { unusedServerName, wasInterrupted } from "../engine/file-backend";
import { removeDeadLocks } from "../engine/stack-locks";
import { ensureStack, type Output, runLabCommand } from "./context";
import { LOCAL_STACK } from "./names";

export interface PrepareOptions {
  /** A stack on local Azure. @default the lab's own */
  readonly stack?: string;
  /** Whether the state is settled without a sign of an interruption too. @default false */
  readonly always?: boolean;
  /** Ctrl-C, which ends the settling too. */
  readonly signal?: AbortSignal;
  /** @default prints to the terminal */
  readonly notify?: Notify;
  /** For the output of the settling. @default "inherit" */
  readonly output?: Output;
}

/**
 * Makes a local stack usable after an interrupted update: removes the lock of a killed engine, and settles the state.
 * @returns the URNs of what the next update has to replace
 * @throws UserError where an engine works on the stack
 */
export async function prepareStack(lab: Lab, options: PrepareOptions = {}): Promise<string[]> {
  const { stack = LOCAL_STACK, always = false, signal, output = "inherit" } = options;
  const { notify = console.log } = options;
  const { pulumiState } = lab.paths;
  const wasLocked = removeDeadLocks(pulumiState, stack, notify);
  await ensureStack(lab, stack);
  if (!always && !wasLocked && !wasInterrupted(pulumiState, stack)) return [];
  notify("\nThe last update of the stack was interrupted or failed: settling its state");
  // Where it fails, the update says more of the cause, or succeeds.
  const isSettled = await runLabCommand(lab, "settle", stack, output);
  signal?.throwIfAborted();
  if (!isSettled) {
    notify("The state couldn't be settled; the reason is above. Going on without.");
    return [];
  }
  const serverName = unusedServerName(pulumiState, stack);
  return serverName === undefined ? [] : [serverName];
}
