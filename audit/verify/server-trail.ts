import type { LogRecord } from "../record";
import { contentDigest, type NumberedLine, numberedLine } from "./numbered-line";
import { NumberingFinder } from "./numbering";
import { BROKEN_DIGEST, type DigestBudget, type Numbering, SessionTrail } from "./session-trail";

interface Entry {
  readonly line: NumberedLine;
  readonly key: string;
  readonly record: LogRecord;
  /** BROKEN_DIGEST: of the record only session and number are known. */
  readonly digest: number;
}

/** The sessions of one server, and how the server numbers its lines. */
export class ServerTrail implements Numbering {
  readonly sessions: SessionTrail[] = [];
  /** Times of the earliest and the latest line. */
  first = "";
  last = "";
  lines = 0;
  /** Lines without a number or a session: their prefix has no %l, or neither %c nor %p. */
  unnumbered = 0;
  /** Time of the latest of them; empty if there is none. */
  lastUnnumbered = "";
  /** Whether sessions log their end (log_disconnections). */
  logsDisconnections = false;
  /** Numbers that a message takes without its further lines. */
  step = 1;
  /** Whether some messages take fewer numbers: single lines may then be missing unseen. */
  isMixed = false;
  private finder: NumberingFinder<Entry> | undefined = new NumberingFinder<Entry>();
  private readonly bySessionId = new Map<string, SessionTrail>();
  private readonly byProcessId = new Map<number, SessionTrail[]>();
  /** Lines without a number, by session. */
  private readonly unnumberedOf = new Map<string, number>();
  private hasDetails = false;
  private hasFurtherLineRecords = false;

  /** @param name null if the source doesn't contain it */
  constructor(
    readonly name: string | null,
    private readonly budget: DigestBudget,
  ) {}

  add(record: LogRecord, line: Buffer): void {
    const { time } = record;
    this.lines += 1;
    if (this.first === "" || time < this.first) this.first = time;
    if (time > this.last) this.last = time;
    if (!this.addNumbered(record, line, contentDigest(record))) this.countUnnumbered(record);
  }

  /** Most numbers that a session's lines without one may have taken, if further lines aren't counted. */
  unnumberedIn({ id }: SessionTrail): number {
    return (this.unnumberedOf.get(id) ?? 0) * this.step;
  }

  /** @returns whether the line's session and number could be read */
  addBroken(record: LogRecord, line: Buffer): boolean {
    return this.addNumbered(record, line, BROKEN_DIGEST);
  }

  /** To be called after the last line. */
  finish(): void {
    if (this.finder) this.decide(this.finder, this.finder.decide());
  }

  /** If further lines are records of their own, each has its number, and none is left out. */
  furtherLines({ furtherLines, detail, countsMessages }: NumberedLine): number {
    if (countsMessages || this.hasFurtherLineRecords) return 0;
    const mayHaveDetail = detail === "present" || (detail === "absent" && !this.hasDetails);
    return furtherLines + (mayHaveDetail ? 1 : 0);
  }

  noteShorterStep(): void {
    this.isMixed = true;
  }

  private countUnnumbered({ session_id: id, time }: LogRecord): void {
    this.unnumbered += 1;
    if (time > this.lastUnnumbered) this.lastUnnumbered = time;
    if (id !== null) this.unnumberedOf.set(id, (this.unnumberedOf.get(id) ?? 0) + 1);
  }

  private addNumbered(record: LogRecord, bytes: Buffer, digest: number): boolean {
    const { session_line_num: number, session_id: id, process_id: processId } = record;
    const key = id ?? processId;
    if (number === null || key === null) return false;
    const numbered = numberedLine(record, number, bytes);
    const line = digest === BROKEN_DIGEST ? { ...numbered, isEnd: false } : numbered;
    this.hasDetails ||= line.detail === "present";
    this.hasFurtherLineRecords ||= line.isFurtherLine;
    this.logsDisconnections ||= line.isEnd && record.error_severity === "LOG";
    const entry = { line, key: String(key), record, digest };
    if (!this.finder) this.addToSession(entry);
    else {
      const step = this.finder.add(entry);
      if (step !== undefined) this.decide(this.finder, step);
    }
    return true;
  }

  private decide({ waiting }: NumberingFinder<Entry>, step: number): void {
    this.step = step;
    this.finder = undefined;
    for (const entry of waiting) this.addToSession(entry);
  }

  private addToSession({ line, record, digest }: Entry): void {
    const { session_id: id, process_id: processId } = record;
    const session =
      id === null
        ? this.sessionOfProcess(processId ?? 0, line.number, digest)
        : this.sessionOfId(id, processId);
    session.add(line, digest, digest === BROKEN_DIGEST ? undefined : record);
  }

  private sessionOfId(id: string, processId: number | null): SessionTrail {
    let session = this.bySessionId.get(id);
    if (!session) {
      session = this.newSession(id, processId);
      this.bySessionId.set(id, session);
    }
    return session;
  }

  /** Without %c: a session of the process id begins with the number 1, unless it is the same line once more. */
  private sessionOfProcess(processId: number, number: number, digest: number): SessionTrail {
    const sessions = this.byProcessId.get(processId) ?? [];
    this.byProcessId.set(processId, sessions);
    const current = sessions.at(-1);
    if (current && (number !== 1 || current.digestOf(1) === undefined)) return current;
    const same = sessions.findIndex((session) => session.digestOf(1) === digest);
    const [known] = same < 0 ? [] : sessions.splice(same, 1);
    const session = known ?? this.newSession(`process ${processId}`, processId);
    sessions.push(session);
    return session;
  }

  private newSession(id: string, processId: number | null): SessionTrail {
    const session = new SessionTrail(id, processId, this, this.budget);
    this.sessions.push(session);
    return session;
  }
}
