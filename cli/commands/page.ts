import { runSql } from "../access/psql";
import { type StackOutputs } from "../access/stack-outputs";
import { type VmSession } from "../access/vm-session";
import { pollUntil } from "../../common/poll";

/** The page's two statements, in a session of their own; an earlier run's table goes first. */
const STATEMENTS = `DROP TABLE IF EXISTS a;
\\connect
CREATE TABLE a(id int);
INSERT into a SELECT generate_series(1,1000);
SELECT pg_backend_pid();`;

/** What the page tells people to look for. */
const EXPECTED = ["DDL,CREATE TABLE", "WRITE,INSERT"];

const LINES_TIMEOUT_SECONDS = 60;

/** Runs the page's statements with psql on the VM, and gives the id of the session's server process. */
export async function runPageStatements(
  session: VmSession,
  outputs: StackOutputs,
): Promise<number> {
  const printed = await runSql(session, outputs, STATEMENTS);
  const pid = /^\s*(\d+)\s*$/m.exec(printed)?.[1];
  if (pid === undefined) throw new Error(`psql printed no process id:\n${printed}`);
  return Number(pid);
}

/** The statements' audit records, as they stand in the mounted container; waits until both are there. */
export function readAuditLines(
  session: VmSession,
  { logFolder }: StackOutputs,
  pid: number,
): Promise<string[]> {
  // The hour may have changed since the statements ran.
  const lastHour = logFolder.replace("date -u", "date -u -d '1 hour ago'");
  const command = `cat ${lastHour}/PT1H.json ${logFolder}/PT1H.json 2>/dev/null || true`;
  return pollUntil(
    async () => {
      const text = await session.run(command, { timeout: 30_000 });
      const ours = text.split("\n").filter((line) => line.includes(`"processId":${pid},`));
      const found = EXPECTED.map((part) => ours.find((line) => line.includes(part)));
      return found.every((line) => line !== undefined) && found;
    },
    {
      what: "the audit lines to show in the mounted container",
      timeoutSeconds: LINES_TIMEOUT_SECONDS,
    },
  );
}
