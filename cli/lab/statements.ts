import { pollUntil } from "../../common/poll";
import { cacheWarning, mebibytes, uncachedLogFolder } from "../access/log-folder";
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
const COMMAND_TIMEOUT_MILLISECONDS = 60_000;

/** Of a larger log file only so much of its end is read, without the cache. The records are among the newest. */
const WHOLE_FILE_BYTES = 16 * 1024 ** 2;

/** Prints the session's lines of a log file: session FOLDER UNCACHED_FOLDER PATTERN. */
const READ_SESSION = `
session() {
  size=$(stat -c %s "$2/PT1H.json" 2>/dev/null) || return 0
  if [ "$size" -le ${WHOLE_FILE_BYTES} ]; then grep -ahF "$3" "$1/PT1H.json"
  else tail -c ${WHOLE_FILE_BYTES} "$2/PT1H.json" | grep -ahF "$3"
  fi
}`;

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
 * @param warn gets a text once where the hour's log file fills the mount's cache, or is larger
 */
export async function readRecords(
  session: Pick<VmSession, "run">,
  outputs: RecordsOutputs,
  pid: number,
  firstDeliverySeconds: number,
  warn: (text: string) => void,
): Promise<string[]> {
  const command = recordsCommand(outputs, pid);
  let bytes = 0;
  const records = await pollUntil(
    async () => {
      const options = { timeout: COMMAND_TIMEOUT_MILLISECONDS };
      const [size = "", ...lines] = (await session.run(command, options)).split("\n");
      bytes = Number(size);
      const found = EXPECTED.map((part) => lines.find((line) => line.includes(part)));
      return found.every((line) => line !== undefined) && found;
    },
    {
      what: "the audit records to show in the mounted container",
      timeoutSeconds: RECORDS_TIMEOUT_SECONDS + firstDeliverySeconds,
    },
  );
  const warning = cacheWarning(mebibytes(bytes), outputs);
  if (warning !== undefined) warn(warning);
  return records;
}

type RecordsOutputs = Pick<
  StackOutputs,
  "mountPath" | "uncachedMountPath" | "logFolder" | "cacheSizeMb"
>;

function recordsCommand(outputs: RecordsOutputs, pid: number): string {
  const pattern = `'"processId":${pid},'`;
  const folders = [outputs.logFolder, uncachedLogFolder(outputs)];
  // The hour may have changed since the statements ran.
  const hours = [
    folders.map((folder) => folder.replace("date -u", "date -u -d '1 hour ago'")),
    folders,
  ];
  const calls = hours.map(
    (names) => `session ${names.map((name) => `"${name}"`).join(" ")} ${pattern}`,
  );
  return `${READ_SESSION}
stat -c %s "${folders[1]}/PT1H.json" 2>/dev/null || echo 0
${calls.join("\n")}
true`;
}
