import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";

/** The filter for one user keeps 4 % of the records. */
const USERS = Array.from({ length: 25 }, (_, index) =>
  index === 0 ? "alice" : `app_user_${index}`,
);
export const FILTERED_USER = "alice";

const TABLES = Array.from({ length: 60 }, (_, index) => `public.table_${index}`);

/** Classes and commands; the number of occurrences is their frequency. */
const ACTIONS: readonly (readonly [className: string, command: string])[] = [
  ...Array.from({ length: 11 }, () => ["READ", "SELECT"] as const),
  ["WRITE", "INSERT"],
  ["WRITE", "INSERT"],
  ["WRITE", "UPDATE"],
  ["WRITE", "DELETE"],
  ["DDL", "CREATE TABLE"],
  ["FUNCTION", "EXECUTE"],
  ["MISC", "BEGIN"],
  ["MISC_SET", "SET"],
  ["ROLE", "GRANT"],
];

const WORDS = [
  ..."customer order total price amount where and from join left status created_at account".split(
    " ",
  ),
  ..."'open' 'paid' 42 1000 = <> count(*) sum(amount) group by limit coalesce(note, '')".split(" "),
];
const NON_ASCII = ["'Zürich'", "'naïve café'", "'東京都'", "'Привет'", "'🙂'"];

const SESSIONS = 400;

type Session = Pick<
  JsonLogLine,
  | "pid"
  | "user"
  | "dbname"
  | "application_name"
  | "remote_host"
  | "remote_port"
  | "session_id"
  | "session_start"
  | "backend_type"
>;

/** Lines that PostgreSQL would log under load. */
export class Events {
  private readonly random: Random;
  private milliseconds = Date.UTC(2026, 10, 22, 10);
  private statementId = 0;
  private pid = 2000;
  private readonly sessions: { readonly session: Session; lines: number }[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    for (let index = 0; index < SESSIONS; index += 1) this.connect(index);
  }

  next(): JsonLogLine {
    const { random } = this;
    this.milliseconds += random.between(0, 3);
    const timestamp = `${new Date(this.milliseconds).toISOString().slice(0, -1).replace("T", " ")} UTC`;
    const place = random.between(0, SESSIONS - 1);
    const isNew = random.oneIn(100);
    const current = isNew ? this.connect(place) : this.sessions[place];
    if (!current) throw new Error(`no session ${place}`);
    const { session } = current;
    current.lines += 1;
    const line = { timestamp, ...session, line_num: current.lines, state_code: "00000" };
    if (isNew) {
      const message = `connection authorized: user=${session.user} database=${session.dbname}`;
      return { ...line, error_severity: "LOG", message };
    }
    if (random.oneIn(100)) {
      const message = `relation "${random.pick(TABLES)}_old" does not exist at character 15`;
      return { ...line, error_severity: "ERROR", state_code: "42P01", message };
    }
    return { ...line, error_severity: "LOG", message: this.auditMessage() };
  }

  /** Replaces a session by a new one; all users have the same number of sessions. */
  private connect(place: number): { readonly session: Session; lines: number } {
    const { random } = this;
    this.pid = this.pid >= 30_000 ? 2000 : this.pid + 1;
    const startSeconds = Math.floor(this.milliseconds / 1000);
    const start = new Date(startSeconds * 1000).toISOString().slice(0, 19).replace("T", " ");
    const session: Session = {
      pid: this.pid,
      user: USERS[place % USERS.length],
      dbname: random.pick(["shop", "billing"]),
      application_name: random.pick(["psql", "api-server", "reporting tool"]),
      remote_host: `10.1.${random.between(0, 3)}.${random.between(4, 250)}`,
      remote_port: random.between(32_768, 60_999),
      session_id: `${startSeconds.toString(16)}.${this.pid.toString(16)}`,
      session_start: `${start} UTC`,
      backend_type: "client backend",
    };
    const connected = { session, lines: 0 };
    this.sessions[place] = connected;
    return connected;
  }

  private auditMessage(): string {
    const { random } = this;
    const [className, command] = random.pick(ACTIONS);
    this.statementId += 1;
    const hasObject = className === "READ" || className === "WRITE" || className === "DDL";
    const object = hasObject ? `TABLE,${random.pick(TABLES)}` : ",";
    const statement = this.statement(command);
    // pgAudit's quoting. Source: pgaudit.c, append_valid_csv.
    const field = /[",\n\r]/.test(statement) ? `"${statement.replaceAll('"', '""')}"` : statement;
    return `AUDIT: SESSION,${this.statementId},1,${className},${command},${object},${field},<not logged>`;
  }

  /** 30 to about 400 bytes; one statement in eight has several lines. */
  private statement(command: string): string {
    const { random } = this;
    const length = random.between(30, 400);
    const gap = random.oneIn(8) ? "\n  " : " ";
    let text = command;
    while (text.length < length - 10) {
      const word = random.oneIn(60) ? random.pick(NON_ASCII) : random.pick(WORDS);
      text += (random.oneIn(6) ? gap : " ") + (random.oneIn(30) ? `"${word}"` : word);
    }
    return text.padEnd(30, "x");
  }
}

/** Pseudo-random numbers: the same on every run. */
export class Random {
  constructor(private state: number) {}

  /** From 0 to 1, exclusive. Source: the generator mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  oneIn(count: number): boolean {
    return this.next() < 1 / count;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }
}
