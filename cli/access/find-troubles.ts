import { shellQuote } from "../../common/shell-quote";
import { UserError } from "../../common/user-error";
import { runSql } from "./psql";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

const TIMEOUT_MILLISECONDS = 30_000;

/** What was changed outside Pulumi, as the VM and the server notice it: one sentence each, with what to do. */
export async function findTroubles(session: VmSession, outputs: StackOutputs): Promise<string[]> {
  const troubles = await Promise.all([
    mountTrouble(session, outputs),
    psqlRefusal(session, outputs),
  ]);
  return troubles.filter((trouble) => trouble !== undefined);
}

/** The program's script on the VM names the cause. */
async function mountTrouble(
  session: VmSession,
  { mountPath, uncachedMountPath = mountPath, vmAdminUsername }: StackOutputs,
): Promise<string | undefined> {
  const script = `/home/${vmAdminUsername}/.pg-audit-lab/vm/diagnose-mount.sh`;
  const cause = await session.run(
    `[ ! -e ${shellQuote(script)} ] || for mount in ${shellQuote(mountPath)} ${shellQuote(uncachedMountPath)}; do
      cause=$(bash ${shellQuote(script)} "$mount")
      [ -z "$cause" ] || { echo "$mount doesn't show the log. $cause"; break; }
    done`,
    { timeout: TIMEOUT_MILLISECONDS },
  );
  return cause.trim() === "" ? undefined : cause.trim();
}

/** Other problems of the server are the server's status, not the stack's. */
async function psqlRefusal(session: VmSession, outputs: StackOutputs): Promise<string | undefined> {
  try {
    await runSql(session, outputs, "", TIMEOUT_MILLISECONDS);
    return undefined;
  } catch (error) {
    return error instanceof UserError ? error.message : undefined;
  }
}
