import { interactivePsql } from "../access/psql";
import { withVmSession } from "../access/stack";
import { labPathsOf, withPartNews } from "../lab/part-news";

/** `./lab psql [PSQL ARGUMENT ...]`. */
export async function psql(args: readonly string[], { stack }: { stack: string }): Promise<void> {
  process.exitCode = await withVmSession(stack, (session, outputs) =>
    withPartNews(labPathsOf(stack), () => interactivePsql(session, outputs, args)),
  );
}
