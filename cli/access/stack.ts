import { PROJECT_ROOT } from "../../local/paths";
import { requireRunningLab } from "../lab/context";
import { isLocalStack } from "../lab/names";
import { readStackOutputs, type StackOptions, type StackOutputs } from "./stack-outputs";
import { VmSession } from "./vm-session";

/**
 * How a stack's outputs are read: with the lab's own engine for the local stack, else with the `pulumi` on PATH and
 * whatever the shell is signed in to.
 * @throws UserError where the local lab isn't up
 */
export async function stackOptions(stack: string): Promise<StackOptions> {
  const env = isLocalStack(stack) ? (await requireRunningLab()).env : process.env;
  return { stack, env, cwd: PROJECT_ROOT };
}

/** Runs work with a session on the stack's VM, and closes the session. */
export async function withVmSession<T>(
  stack: string,
  work: (session: VmSession, outputs: StackOutputs) => Promise<T>,
): Promise<T> {
  return withSession(stack, await readStackOutputs(await stackOptions(stack)), work);
}

/** The same, where the outputs are known. */
export async function withSession<T>(
  stack: string,
  outputs: StackOutputs,
  work: (session: VmSession, outputs: StackOutputs) => Promise<T>,
): Promise<T> {
  const session = await VmSession.open(outputs, stack);
  try {
    return await work(session, outputs);
  } finally {
    await session.close();
  }
}
