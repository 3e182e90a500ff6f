import { asAttendee } from "../access/attendee";
import { interactivePsql } from "../access/psql";
import { withVmSession } from "../access/stack";
import { labPathsOf, withPartNews } from "../lab/part-news";

export interface PsqlOptions {
  readonly stack: string;
  /** An attendee's name. @default the administrator */
  readonly as?: string;
}

/** `./lab psql [--as NAME] [PSQL ARGUMENT ...]`. */
export async function psql(args: readonly string[], options: PsqlOptions): Promise<void> {
  const { stack, as: attendee } = options;
  process.exitCode = await withVmSession(stack, (session, outputs) => {
    const signIn = attendee === undefined ? outputs : asAttendee(outputs, attendee);
    return withPartNews(labPathsOf(stack), () => interactivePsql(session, signIn, args));
  });
}
