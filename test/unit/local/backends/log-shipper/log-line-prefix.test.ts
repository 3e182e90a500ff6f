import {
  epochMilliseconds,
  type JsonLogLine,
  renderLogLinePrefix,
} from "../../../../../local/backends/log-shipper/log-line-prefix";

const LINE: JsonLogLine = {
  timestamp: "2022-05-23 08:23:59.526 UTC",
  user: "pgadmin",
  dbname: "pgbench",
  pid: 1234,
  remote_host: "10.0.0.4",
  remote_port: 50112,
  session_id: "628b456f.4d2",
  line_num: 7,
  ps: "INSERT",
  session_start: "2022-05-23 08:23:50 UTC",
  vxid: "3/42",
  txid: 991,
  error_severity: "LOG",
  state_code: "00000",
  message: "AUDIT: SESSION,1,1,WRITE,INSERT,,,insert into t values (1),<not logged>",
  backend_type: "client backend",
  application_name: "psql",
  leader_pid: 1200,
  query_id: -77,
};

/** A line of a background process. */
const BACKGROUND: JsonLogLine = {
  timestamp: "2022-05-23 08:23:59.526 UTC",
  pid: 9,
  error_severity: "LOG",
  message: "checkpoint starting",
  backend_type: "checkpointer",
};

describe("log_line_prefix", () => {
  test.each([
    ["%a", "psql", ""],
    ["%u", "pgadmin", ""],
    ["%d", "pgbench", ""],
    ["%r", "10.0.0.4(50112)", ""],
    ["%h", "10.0.0.4", ""],
    ["%b", "client backend", "checkpointer"],
    ["%p", "1234", "9"],
    ["%P", "1200", ""],
    ["%t", "2022-05-23 08:23:59 UTC", "2022-05-23 08:23:59 UTC"],
    ["%m", "2022-05-23 08:23:59.526 UTC", "2022-05-23 08:23:59.526 UTC"],
    ["%n", "1653294239.526", "1653294239.526"],
    ["%i", "INSERT", ""],
    ["%e", "00000", "00000"],
    ["%c", "628b456f.4d2", ""],
    ["%l", "7", ""],
    ["%s", "2022-05-23 08:23:50 UTC", ""],
    ["%v", "3/42", ""],
    ["%x", "991", "0"],
    ["%Q", "-77", "0"],
    ["%%", "%", "%"],
    ["%q", "", ""],
    ["100%", "100", "100"],
    ["%y", "", ""],
    ["%%q-%u", "%q-pgadmin", "%q-"],
    ["%6p|%-6p|%2p", "  1234|1234  |1234", "     9|9     | 9"],
    ["[%p] %q%u@%d ", "[1234] pgadmin@pgbench ", "[9] "],
    ["%t-%c-", "2022-05-23 08:23:59 UTC-628b456f.4d2-", "2022-05-23 08:23:59 UTC--"],
    [
      "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ",
      "2022-05-23 08:23:59 UTC 1234 7-1 db-pgbench,user-pgadmin,app-psql,client-10.0.0.4 ",
      "2022-05-23 08:23:59 UTC 9 -1 db-,user-,app-,client- ",
    ],
  ])("%j is %j in a session and %j in the background", (format, session, background) => {
    expect(renderLogLinePrefix(format, LINE)).toBe(session);
    expect(renderLogLinePrefix(format, BACKGROUND)).toBe(background);
  });

  test("a session before authentication is unknown", () => {
    const line = { ...BACKGROUND, remote_host: "10.0.0.4", backend_type: "not initialized" };
    expect(renderLogLinePrefix("%qdb-%d,user-%u,app-%a,client-%h ", line)).toBe(
      "db-[unknown],user-[unknown],app-[unknown],client-10.0.0.4 ",
    );
  });

  test("a connection over a Unix socket has no port", () => {
    expect(renderLogLinePrefix("%r", { ...LINE, remote_host: "[local]", remote_port: 0 })).toBe(
      "[local]",
    );
  });

  test("times are UTC to the millisecond", () => {
    expect(new Date(epochMilliseconds(LINE.timestamp)).toISOString()).toBe(
      "2022-05-23T08:23:59.526Z",
    );
  });
});
