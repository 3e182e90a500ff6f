import { pollUntil } from "../../common/poll";
import { runSql } from "../access/psql";
import { type StackOutputs } from "../access/stack-outputs";
import { type VmSession } from "../access/vm-session";

/** The lab's own schema, so that nobody else's table `a` is dropped. */
const SCHEMA = "audit_lab";

/** The original workshop's two statements, in a session of their own. */
const STATEMENTS = `CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
DROP TABLE IF EXISTS ${SCHEMA}.a;
\\connect
CREATE TABLE ${SCHEMA}.a(id int);
INSERT INTO ${SCHEMA}.a SELECT generate_series(1,1000);
SELECT pg_backend_pid();`;

/** The audit records that these two statements leave. */
const EXPECTED = ["DDL,CREATE TABLE", "WRITE,INSERT"];

/** After the first delivery of a new diagnostic setting. */
const RECORDS_TIMEOUT_SECONDS = 60;

/** Runs the statements with psql on the VM, and returns the process id of their session on the server. */
export async function runStatements(session: VmSession, outputs: StackOutputs): Promise<number> {
  const printed = await runSql(session, outputs, STATEMENTS);
  const pid = /^\s*(\d+)\s*$/m.exec(printed)?.[1];
  if (pid === undefined) throw new Error(`psql printed no process id:\n${printed}`);
  return Number(pid);
}

/**
 * Reads the statements' records from the mounted container; waits until both are there.
 * @param firstDeliverySeconds how long a new diagnostic setting delivers nothing
 */
export function readRecords(
  session: VmSession,
  { logFolder }: StackOutputs,
  pid: number,
  firstDeliverySeconds: number,
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
      what: "the audit records to show in the mounted container",
      timeoutSeconds: RECORDS_TIMEOUT_SECONDS + firstDeliverySeconds,
    },
  );
}
