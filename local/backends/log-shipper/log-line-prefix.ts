/** A line of PostgreSQL's jsonlog. Source: PostgreSQL 15, "JSON-Format Log Output", table 20.4. */
export interface JsonLogLine {
  readonly timestamp: string;
  readonly user?: string;
  readonly dbname?: string;
  readonly pid: number;
  readonly remote_host?: string;
  readonly remote_port?: number;
  readonly session_id?: string;
  readonly line_num?: number;
  readonly ps?: string;
  readonly session_start?: string;
  readonly vxid?: string;
  readonly txid?: number;
  readonly error_severity: string;
  readonly state_code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly internal_query?: string;
  readonly context?: string;
  readonly statement?: string;
  /** With log_error_verbosity `verbose` only. */
  readonly file_name?: string;
  readonly backend_type?: string;
  readonly application_name?: string;
  readonly leader_pid?: number;
  readonly query_id?: number;
}

/** PostgreSQL's text for a session without a user, database or application. */
const UNKNOWN = "[unknown]";

type Escape = (line: JsonLogLine) => string;

/** Whether the line belongs to a client's session; before authentication, the line has only its address. */
const isSession = ({ backend_type, remote_host, user }: JsonLogLine): boolean =>
  backend_type === "client backend" || remote_host !== undefined || user !== undefined;

/** For a background process, the value is empty instead of unknown. Source: PostgreSQL 15, elog.c. */
const ofSession = (line: JsonLogLine, value: string | undefined): string =>
  value ?? (isSession(line) ? UNKNOWN : "");

/** Source: PostgreSQL 15, log_line_prefix; the same order. */
const ESCAPES: Readonly<Record<string, Escape>> = {
  a: (line) => ofSession(line, line.application_name),
  u: (line) => ofSession(line, line.user),
  d: (line) => ofSession(line, line.dbname),
  r: ({ remote_host, remote_port }) =>
    remote_host === undefined ? "" : `${remote_host}${remote_port ? `(${remote_port})` : ""}`,
  h: ({ remote_host }) => remote_host ?? "",
  b: ({ backend_type }) => backend_type ?? "",
  p: ({ pid }) => String(pid),
  P: ({ leader_pid }) => (leader_pid === undefined ? "" : String(leader_pid)),
  t: ({ timestamp }) => timestamp.replace(/\.\d+/, ""),
  m: ({ timestamp }) => timestamp,
  n: ({ timestamp }) => (epochMilliseconds(timestamp) / 1000).toFixed(3),
  i: ({ ps }) => ps ?? "",
  e: ({ state_code }) => state_code ?? "00000",
  c: ({ session_id }) => session_id ?? "",
  l: ({ line_num }) => String(line_num ?? ""),
  s: ({ session_start }) => session_start ?? "",
  v: ({ vxid }) => vxid ?? "",
  x: ({ txid }) => String(txid ?? 0),
  Q: ({ query_id }) => String(query_id ?? 0),
  "%": () => "%",
};

/** The prefix that PostgreSQL writes before this line, for a log_line_prefix such as `%t-%c-`. */
export function renderLogLinePrefix(format: string, line: JsonLogLine): string {
  let text = "";
  for (const [part, padding, letter = ""] of format.matchAll(/%(-?\d+)?(.)|%$|[^%]+/g)) {
    if (!part.startsWith("%")) {
      text += part;
      continue;
    }
    // %q ends the prefix of a process without a session, and is empty for a session.
    if (letter === "q" && !isSession(line)) return text;
    const width = Number(padding ?? 0);
    // PostgreSQL omits an unknown escape, and a % at the end. Source: elog.c, log_status_format.
    const value = letter === "q" ? "" : (ESCAPES[letter]?.(line) ?? "");
    text += width < 0 ? value.padEnd(-width) : value.padStart(width);
  }
  return text;
}

/** Milliseconds since 1970 of a jsonlog timestamp in UTC, such as `2022-05-23 08:23:59.526 UTC`. */
export function epochMilliseconds(timestamp: string): number {
  return Date.parse(`${timestamp.replace(" UTC", "").replace(" ", "T")}Z`);
}
