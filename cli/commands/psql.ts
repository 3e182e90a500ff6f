import { interactivePsql } from "../access/psql";
import { withVmSession } from "../access/stack";

/** `./lab psql [PSQL ARGUMENT ...]`. */
export async function psql(args: readonly string[], { stack }: { stack: string }): Promise<void> {
  process.exitCode = await withVmSession(stack, (session, outputs) =>
    interactivePsql(session, outputs, args),
  );
}
